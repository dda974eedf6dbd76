import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type * as Library from '@mutt/dynamic-config';
import type { SettingDescription } from '@mutt/dynamic-config';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { withConfig } from '../../connection.ts';
import { readDeclaredStrictly } from '../../declared.ts';
import { Failure } from '../../failure.ts';
import { cell, codeCell, markdownTable } from '../../markdown.ts';
import { printLine, printNotice, toJson } from '../../output.ts';
import { loadSettingsModule } from '../../settings-module.ts';

interface DocsOptions extends ConnectionOptions {
  readonly settings?: string;
  readonly output?: string;
}

type Described = readonly [key: string, description: SettingDescription];

const HEADER = ['Key', 'Type', 'Default', 'Description', 'Unit', 'Notes'];
const MARKUP = /[*_`<[\]\\~]/;

export function defineDocs(command: Command): void {
  addConnectionOptions(command)
    .option('--settings <module>', 'a JavaScript module that exports settings; without it, what services declare')
    .option('--output <file>', 'write to this file instead of stdout')
    .action(docs);
  addExamples(command, {
    'muttctl config docs': 'what the running services declare, as a Markdown table',
    'muttctl config docs --settings ./settings.mjs --output docs/settings.md': 'what a module declares, for a build',
  });
}

async function docs(options: DocsOptions): Promise<void> {
  const library = await import('@mutt/dynamic-config');
  const described = (await describedBy(options, library)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (described.length === 0) {
    throw new Failure('key_not_found', 'No service declares any settings. Name a module with --settings.');
  }
  const text = options.json ? jsonOf(described, library) : tableOf(described, library);
  if (options.output === undefined) return printLine(text);
  await write(options.output, `${text}\n`);
  const what = described.length === 1 ? '1 setting' : `${described.length} settings`;
  printNotice(`Written to ${options.output}: ${what}.`, { json: options.json === true });
}

async function describedBy(options: DocsOptions, { describeSetting }: typeof Library): Promise<readonly Described[]> {
  if (options.settings !== undefined) {
    const settings = await loadSettingsModule(options.settings);
    return [...settings].map(([key, setting]) => [key, describeSetting(setting)]);
  }
  return withConfig(options, async (config) => {
    const { registry } = await readDeclaredStrictly(config, {});
    return registry.settings.map(({ key, description }) => [key, description]);
  });
}

function tableOf(described: readonly Described[], library: typeof Library): string {
  return markdownTable(
    HEADER,
    described.map((one) => toCells(one, library)),
  ).join('\n');
}

function toCells([key, description]: Described, { ruleText }: typeof Library): string[] {
  const type = ruleText(description);
  return [
    codeCell(key),
    MARKUP.test(type) ? codeCell(type) : cell(type),
    description.default === null ? '' : codeCell(description.default || '""'),
    cell(description.description ?? ''),
    cell(description.unit ?? ''),
    cell(notesOn(description)),
  ];
}

function notesOn({ deprecated, requiresRestart }: SettingDescription): string {
  return [
    ...(requiresRestart ? ['takes effect after a restart'] : []),
    ...(deprecated === null ? [] : [`deprecated: ${deprecated}`]),
  ].join('; ');
}

function jsonOf(described: readonly Described[], { descriptionJson }: typeof Library): string {
  return toJson({ settings: described.map(([key, description]) => ({ key, ...descriptionJson(description) })) });
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw new Failure('usage', `${path} cannot be written: ${(cause as Error).message}.`, { cause });
  }
}
