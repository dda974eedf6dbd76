import { Command, type Argument, type Option } from 'commander';
import { addConnectionOptions, examplesFor, proseFor } from './connection-options.ts';
import { EXIT_CODE_MEANINGS, EXIT_CODES } from './exit-codes.ts';
import { defineNow } from './lazy-command.ts';
import { cell, codeCell, markdownTable } from './markdown.ts';
import { createProgram } from './program.ts';

const HEAD = `# muttctl

Every command, made from the code by \`node packages/muttctl/scripts/reference.mjs\`. How they go together, and what they
print as JSON, is in [the README of muttctl](../packages/muttctl/README.md).`;

/** Options that are described once, for all commands that have them. */
const COMMON = ['--url', '--prefix', '--json', '--quiet'];

/** The page that describes the command line: `docs/muttctl.md`. */
export async function referencePage(): Promise<string> {
  const sections = await describeAll(createProgram(), []);
  return `${[HEAD, ...commonOptions(), ...sections, exitCodes()].join('\n\n')}\n`;
}

async function describeAll(command: Command, path: readonly string[]): Promise<string[]> {
  await defineNow(command);
  const names = [...path, command.name()];
  const isGroup = command.commands.length > 0;
  const own = isGroup ? [] : [describeCommand(command, names)];
  const children: string[] = [];
  for (const child of command.commands) {
    if (!isHidden(child)) children.push(...(await describeAll(child, names)));
  }
  return [...own, ...children];
}

function describeCommand(command: Command, names: readonly string[]): string {
  const summary = command.description();
  const examples = Object.entries(examplesFor(command)).map(([line, purpose]) => `# ${purpose}\n${line}`);
  return [
    `## ${names.join(' ')}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    `\`\`\`text\n${names.join(' ')} ${command.usage()}\n\`\`\``,
    ...proseFor(command),
    ...table(['argument', 'what it is'], command.registeredArguments.filter(isDescribed).map(argumentRow)),
    ...table(['option', 'what it does'], command.options.filter(isOwn).map(optionRow)),
    ...(examples.length === 0 ? [] : [`\`\`\`sh\n${examples.join('\n')}\n\`\`\``]),
  ].join('\n\n');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [markdownTable(header, rows).join('\n')];
}

function commonOptions(): string[] {
  const { options } = addConnectionOptions(new Command());
  const intro = 'Every command that reads or changes settings takes these, too:';
  return ['## Options of every command', intro, ...table(['option', 'what it does'], options.map(optionRow))];
}

function isOwn({ hidden, long }: Option): boolean {
  return !hidden && !COMMON.includes(long ?? '');
}

function isDescribed({ description }: Argument): boolean {
  return description !== '';
}

function argumentRow(argument: Argument): string[] {
  const choices = argument.argChoices === undefined ? '' : `: ${argument.argChoices.join(', ')}`;
  return [codeCell(argument.name()), cell(`${argument.description}${choices}`)];
}

function optionRow({ flags, description, argChoices }: Option): string[] {
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
  return [codeCell(flags), cell(`${description}${choices}`)];
}

function exitCodes(): string {
  const rows = Object.entries(EXIT_CODE_MEANINGS).map(([exitCode, meaning]) => {
    const codes = Object.entries(EXIT_CODES).filter(([, code]) => code === Number(exitCode));
    return [exitCode, cell(meaning), codes.map(([code]) => codeCell(code)).join(', ')];
  });
  const intro = 'A failure is one sentence on stderr; with `--json`, `{"error": "…", "code": "…"}`.';
  return ['## Exit codes', intro, markdownTable(['exit code', 'means', '`code`'], rows).join('\n')].join('\n\n');
}

/** Commander keeps it to itself; its help leaves such commands out. */
function isHidden(command: Command): boolean {
  return (command as Command & { readonly _hidden?: boolean })._hidden === true;
}
