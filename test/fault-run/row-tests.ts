import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const FOLDERS = ['test/faults', 'test/interop', 'test/browser', 'packages/server/src', 'packages/dynamic-config/src'];

/** How a test, or a group of them, says in its name which row it is of: `row 4: …`, `row 4, over HTTP: …`. */
const NAME = /\brow (\d+)[:,]/g;
/** The same in a source file, where names are texts. */
const IN_SOURCE = /['"`]row (\d+)[:,]/g;

/** The rows that the full name of a test names. */
export function rowsOf(name: string): number[] {
  return numbersIn(name, NAME);
}

/** What Vitest's `-t` takes to run the tests of these rows alone; and of these only such as have `part` in their names. */
export function patternOf(rows: readonly number[], part = ''): string {
  return `\\brow (?:${rows.join('|')})[:,]${part === '' ? '' : `.*${part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`}`;
}

/** The files that have tests of rows, each with which. */
export async function filesOfRows(): Promise<ReadonlyMap<string, readonly number[]>> {
  const files = new Map<string, readonly number[]>();
  for (const folder of FOLDERS) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (!name.endsWith('.test.ts')) continue;
      const path = join(folder, name);
      const rows = numbersIn(await readFile(join(root, path), 'utf8'), IN_SOURCE);
      if (rows.length > 0) files.set(path, rows);
    }
  }
  return files;
}

function numbersIn(text: string, pattern: RegExp): number[] {
  return [...new Set([...text.matchAll(pattern)].map(([, number]) => Number(number)))];
}
