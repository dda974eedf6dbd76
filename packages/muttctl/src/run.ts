import { CommanderError, type Command } from 'commander';
import { EXIT_CODES } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { beQuiet, printFailure } from './output.ts';
import { createProgram } from './program.ts';

/** Runs one command line and resolves to its exit code. Nothing is thrown: failures are on stderr. */
export async function run(args: readonly string[]): Promise<number> {
  const program = createProgram();
  beQuiet(hasFlag(args, '--quiet') || hasFlag(args, '-q'));
  try {
    await program.parseAsync(helpAsOption(args), { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = error instanceof CommanderError ? usageFailure(error, program, args) : Failure.of(error);
    // That something differs is what was asked, and told.
    const isAnswer = failure?.code === 'differs';
    if (failure !== null && !isAnswer) printFailure(failure.code, failure.message, wantsJson(args));
    return EXIT_CODES[failure?.code ?? 'usage'];
  }
}

/** `help config set` as `config set --help`: the way that finds commands which are imported late. */
function helpAsOption(args: readonly string[]): string[] {
  const [first, ...words] = args;
  return first === 'help' ? [...words, '--help'] : [...args];
}

/** null when commander printed the help instead of an error. */
function usageFailure(error: CommanderError, program: Command, args: readonly string[]): Failure | null {
  if (error.code === 'commander.help') return null;
  const [what = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const sentence = `${what.charAt(0).toUpperCase()}${what.slice(1)}`.replace(/[^.?]$/, '$&.');
  const hint = suggestion?.replace(/^\((.*)\)$/, ' $1') ?? '';
  return new Failure('usage', `${sentence}${hint} See: ${commandPath(program, args)} --help`);
}

function commandPath(program: Command, args: readonly string[]): string {
  const path = [program.name()];
  let command: Command | undefined = program;
  for (const arg of args) {
    command = command.commands.find((candidate) => candidate.name() === arg);
    if (command === undefined) break;
    path.push(command.name());
  }
  return path.join(' ');
}

/** Whether errors are to be JSON, too: known before the arguments are understood. */
export function wantsJson(args: readonly string[]): boolean {
  return hasFlag(args, '--json');
}

function hasFlag(args: readonly string[], flag: string): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes(flag);
}
