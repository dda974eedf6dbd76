import { SEEDED_BUG } from '../support/seeded-bug.ts';
import { rowsOf } from './row-tests.ts';
import { runTests } from './run-tests.ts';
import type { SeededBug } from './seeded-bugs.ts';

export interface TriedBug {
  readonly bug: SeededBug;
  /** The test that noticed it; null: none did. */
  readonly caughtBy: string | null;
  /** What that test found. */
  readonly why: string;
}

/** Runs, for each bug, the rows that must notice it: briefly, and until the first test fails. */
export async function tryBugs(
  bugs: readonly SeededBug[],
  env: NodeJS.ProcessEnv,
  onTried: (tried: TriedBug) => void,
): Promise<TriedBug[]> {
  const all: TriedBug[] = [];
  for (const bug of bugs) {
    const { rows, name, test: part = '' } = bug;
    const { tests } = await runTests({
      rows,
      part,
      env: { ...env, [SEEDED_BUG]: name, FAULTS: 'brief' },
      isQuiet: true,
      stopsAtFailure: true,
    });
    // Nobody could have noticed it: its test has another name by now, or is left out.
    if (tests.length === 0) throw new Error(`No test was run with the seeded bug ${name}.`);
    const failed = tests.find((test) => !test.hasPassed && rowsOf(test.name).some((row) => rows.includes(row)));
    const why = failed?.messages[0]?.split('\n', 1)[0] ?? '';
    const tried = { bug, caughtBy: failed?.name ?? null, why };
    onTried(tried);
    all.push(tried);
  }
  return all;
}
