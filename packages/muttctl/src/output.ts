import pc from 'picocolors';
import { maskSecrets } from './secrets.ts';
import { escapeInJson, escapeUnsafe } from './terminal-text.ts';

let isQuiet = false;

/** From now on: only results and failures, for `--quiet`. */
export function beQuiet(quiet: boolean): void {
  isQuiet = quiet;
}

/** Writes what was done, for people who want to know: left out by `--quiet`. */
export function printSummary(line: string): void {
  if (!isQuiet) printLine(line);
}

/** Whether a person sits there: somebody who can be asked, and watches. */
export function isInteractive(): boolean {
  return [process.stdin, process.stdout, process.stderr].every((stream) => stream.isTTY);
}

/** Writes exactly this and a newline to stdout. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes one line of JSON to stdout. */
export function printJson(value: unknown): void {
  printLine(toJson(value));
}

/** Writes one line to stderr, as JSON if asked: what people should know and scripts should not read as the result. */
export function printNotice(message: string, options: { json: boolean; fields?: Record<string, unknown> }): void {
  if (isQuiet) return;
  const text = maskSecrets(message, process.env['MUTT_API_KEY']);
  process.stderr.write(`${options.json ? toJson({ ...options.fields, message: text }) : escapeUnsafe(text)}\n`);
}

/** Writes why a command did not work to stderr. */
export function printFailure(code: string, message: string, json: boolean): void {
  const text = maskSecrets(message, process.env['MUTT_API_KEY']);
  process.stderr.write(
    json ? `${toJson({ error: text, code })}\n` : `${colours(process.stderr).red('Error:')} ${escapeUnsafe(text)}\n`,
  );
}

/** How many columns a table may take; some terminals say 0, and mean that they do not know. */
export function outputWidth({ columns }: Pick<NodeJS.WriteStream, 'columns'> = process.stdout): number {
  return columns || Infinity;
}

/** Colours for a stream: none unless it is a terminal that wants them, or `FORCE_COLOR` does; none with `FORCE_COLOR=0`. */
export function colours(stream: NodeJS.WriteStream): ReturnType<typeof pc.createColors> {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const isForced = Boolean(FORCE_COLOR) && FORCE_COLOR !== '0';
  const isWanted = !NO_COLOR && FORCE_COLOR !== '0';
  // `isTTY` is undefined for a pipe, and createColors takes undefined for its default: colours whatever runs in CI.
  return pc.createColors((isWanted && (isForced || (stream.isTTY && TERM !== 'dumb'))) || false);
}

/** `muttctl … | head` closes the pipe when it has seen enough; that is no failure. A full disk is one. */
export function endOnBrokenOutput(json: boolean): void {
  const end = (error: NodeJS.ErrnoException): never => process.exit(error.code === 'EPIPE' ? 0 : 1);
  process.stderr.on('error', end);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') printFailure('unexpected', `The output cannot be written: ${error.message}.`, json);
    end(error);
  });
}

/** One line of JSON: safe to show, and the same value for a parser. */
export function toJson(value: unknown): string {
  return escapeInJson(JSON.stringify(value));
}
