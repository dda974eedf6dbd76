import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SEEDED_BUGS } from '../fault-run/seeded-bugs.ts';
import type { SeededBug } from '../fault-run/seeded-bugs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The name of a deliberate bug, for tests that must notice it. */
export const SEEDED_BUG = 'MUTT_SEEDED_BUG';

/** @throws Error when the source does not hold the text any more, or holds it twice. */
export function withBug(bug: SeededBug, source: string): string {
  const parts = source.split(bug.find);
  if (parts.length === 2) return parts.join(bug.replace);
  throw new Error(
    `The seeded bug ${bug.name} cannot be put into ${bug.file}: what it replaces is there ${parts.length - 1} times. ` +
      'Adapt it in test/fault-run/seeded-bugs.ts.',
  );
}

/** The text of a source file as it is to be run: with the bug that the environment names, if it is one of this file. */
export function sourceToRun(path: string, source: string): string {
  const bug = chosenBug();
  return bug !== null && relative(root, path) === bug.file ? withBug(bug, source) : source;
}

/** For Vitest. */
export function seededBugPlugin(): {
  name: string;
  enforce: 'pre';
  transform: (source: string, id: string) => string | null;
} {
  const bug = chosenBug();
  // Should it apply no more, nothing is run at all.
  if (bug !== null) withBug(bug, readFileSync(join(root, bug.file), 'utf8'));
  return {
    name: 'seeded-bug',
    enforce: 'pre',
    transform(source, id) {
      const changed = sourceToRun(id.split('?', 1)[0] ?? '', source);
      return changed === source ? null : changed;
    },
  };
}

function chosenBug(): SeededBug | null {
  const name = process.env[SEEDED_BUG];
  if (name === undefined || name === '') return null;
  const bug = SEEDED_BUGS.find((one) => one.name === name);
  if (bug === undefined) throw new Error(`There is no seeded bug ${JSON.stringify(name)}.`);
  return bug;
}
