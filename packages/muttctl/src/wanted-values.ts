import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type * as Library from '@mutt/dynamic-config';
import { Failure } from './failure.ts';
import { printNotice } from './output.ts';
import { formatOf, loadFormat, type FormatName, type Values } from './formats/format.ts';

const STDIN = '-';

/**
 * What files say that keys should hold: a folder stands for the files in it that are ours, `-` for stdin.
 *
 * @throws Failure also for a key that two files name.
 */
export async function readWanted(paths: readonly string[], format: FormatName | undefined): Promise<Values> {
  const wanted = new Map<string, { readonly value: string; readonly path: string }>();
  for (const path of (await Promise.all(paths.map((one) => filesIn(one, paths)))).flat()) {
    for (const [key, value] of await readValuesFile(path, format)) {
      const other = wanted.get(key);
      if (other !== undefined) throw new Failure('usage', `${other.path} and ${path} both name ${key}: name it once.`);
      wanted.set(key, { value, path });
    }
  }
  const library: typeof Library = await import('@mutt/dynamic-config');
  for (const key of wanted.keys()) library.assertKey(key);
  return new Map([...wanted].map(([key, { value }]) => [key, value]));
}

async function filesIn(path: string, named: readonly string[]): Promise<string[]> {
  if (path === STDIN) return [path];
  const stats = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!stats.isDirectory()) return [path];
  const found = await readdir(path, { withFileTypes: true, recursive: true });
  const files = found.filter((one) => !one.isDirectory() && formatOf(one.name) !== null);
  const here = files.filter(({ parentPath }) => resolve(parentPath) === resolve(path));
  assertNoneForgotten(path, files, named);
  if (here.length > 0) return here.map(({ name }) => join(path, name)).toSorted();
  throw new Failure('usage', `${path} holds no files to read: their names end in .yaml, .yml, .json or .env.`);
}

/**
 * Folders in a folder are not read, unless they are named as well: what they hold must not be missed, or pruned. Those
 * that are hidden are meant to be: Kubernetes keeps what it mounts in one.
 */
function assertNoneForgotten(path: string, files: readonly Dirent[], named: readonly string[]): void {
  const read = new Set([path, ...named].map((one) => resolve(one)));
  const forgotten = files
    .map(({ parentPath }) => parentPath)
    .find((one) => !read.has(resolve(one)) && !/(^|[/\\])\./.test(relative(path, one)));
  if (forgotten === undefined) return;
  throw new Failure('usage', `${forgotten} is a folder of files, too, and would not be read: name it with -f as well.`);
}

/** @throws Failure */
async function readValuesFile(path: string, format: FormatName | undefined): Promise<Values> {
  // Stdin has no name that says what it is; and JSON without escapes of its own is YAML, too.
  const name = format ?? (path === STDIN ? 'yaml' : formatOf(path));
  if (name === null) {
    throw new Failure('usage', `${path} does not say what it is: name its format with --format yaml, json or dotenv.`);
  }
  const text = await readText(path);
  const { read } = await loadFormat(name);
  try {
    return read(text);
  } catch (cause) {
    throw new Failure('usage', `${nameOf(path)} ${(cause as Error).message}.`, { cause });
  }
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = path === STDIN ? await readStdin() : await readFile(path);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function readStdin(): Promise<Buffer> {
  if (process.stdin.isTTY) printNotice('Reading from the terminal; Ctrl-D ends it.', { json: false });
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function unreadable(path: string, cause: unknown): Failure {
  return new Failure('usage', `${nameOf(path)} cannot be read: ${(cause as Error).message}.`, { cause });
}

function nameOf(path: string): string {
  return path === STDIN ? 'Stdin' : path;
}
