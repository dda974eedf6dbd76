/** npm run test:faults: the faults that must be survived, row by row, and the bugs that must be noticed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describeMachine, faultReport } from './fault-report.ts';
import { parseOptions } from './options.ts';
import type { FaultOptions } from './options.ts';
import { ROWS } from './rows.ts';
import { root } from './row-tests.ts';
import { runTests } from './run-tests.ts';
import { SEEDED_BUGS } from './seeded-bugs.ts';
import { figureText, holds, scenarioOf, strays, summarize } from './summary.ts';
import type { RowSummary } from './summary.ts';
import { tryBugs } from './try-bugs.ts';
import type { TriedBug } from './try-bugs.ts';

const PAGE = join(root, 'docs', 'fault-report.md');

function options(): FaultOptions {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    return process.exit(2);
  }
}

function printRow({ row, runs, violations, figures, failures, skipped }: RowSummary): void {
  const figure = figureText(figures);
  if (isJson) console.log(JSON.stringify({ row, runs, violations, figure, figures, failures, skipped }));
  else {
    const verdict = violations > 0 ? 'FAILED' : runs === 0 ? 'not run' : 'held';
    console.log(
      `${String(row).padStart(2)}  ${verdict.padEnd(7)} ${String(runs).padStart(3)} runs  ${scenarioOf(row)}`,
    );
    if (figure !== '') console.log(`                     ${figure}`);
    for (const failure of failures) console.log(`    ${failure}`);
    for (const name of skipped) console.log(`    not run: ${name}`);
  }
}

function printBug({ bug, caughtBy, why }: TriedBug): void {
  console.error(`${bug.name}: ${caughtBy === null ? 'NOT CAUGHT' : `caught by ${caughtBy}: ${why}`}`);
}

const { rows, runsRows, seed: givenSeed, minutes, isJson, triesBugs } = options();
const seed = givenSeed ?? Math.floor(Math.random() * 2 ** 31);
const env = { FAULTS: 'full', FAULT_SEED: String(seed), FAULT_MINUTES: String(minutes) };
const startedAt = new Date();

const result = runsRows ? await runTests({ rows, env, isQuiet: isJson }) : { tests: [], skipped: [], findings: [] };
const summaries = summarize(result, runsRows ? rows : []);
const others = strays(result);
for (const summary of summaries) printRow(summary);
for (const other of others) console.error(other);

const bugs = triesBugs
  ? await tryBugs(
      SEEDED_BUGS.filter((bug) => bug.rows.some((row) => rows.includes(row))),
      env,
      printBug,
    )
  : [];
const caught = bugs.filter(({ caughtBy }) => caughtBy !== null).length;
if (isJson) console.log(JSON.stringify({ seeded: bugs.length, caught, seed }));
else console.log(`\n${triesBugs ? `${caught} of ${bugs.length} seeded bugs caught; ` : ''}--seed ${seed}`);

if (runsRows && triesBugs && rows.length === ROWS.length) {
  const tookMinutes = Math.round((Date.now() - startedAt.getTime()) / 60_000);
  const date = startedAt.toISOString().slice(0, 10);
  const machine = await describeMachine();
  const text = faultReport({ date, machine, seed, minutes, tookMinutes, rows: summaries, bugs });
  await writeFile(PAGE, await format(text, { ...(await resolveConfig(PAGE)), filepath: PAGE }));
  console.error('Written: docs/fault-report.md');
}
process.exitCode = holds(summaries) && others.length === 0 && caught === bugs.length ? 0 : 1;
