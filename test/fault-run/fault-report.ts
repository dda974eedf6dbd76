import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { INVARIANTS, ROWS } from './rows.ts';
import { figureText } from './summary.ts';
import type { RowSummary } from './summary.ts';
import type { TriedBug } from './try-bugs.ts';

const run = promisify(execFile);

export interface FaultReport {
  readonly date: string;
  /** The machine, in general terms. */
  readonly machine: string;
  readonly seed: number;
  readonly minutes: number;
  readonly tookMinutes: number;
  readonly rows: readonly RowSummary[];
  readonly bugs: readonly TriedBug[];
}

/** Cores, memory, versions: what figures depend on, and nothing that tells one machine from another. */
export async function describeMachine(): Promise<string> {
  const redis = /v=([\d.]+)/.exec(await run('redis-server', ['--version']).then(({ stdout }) => stdout))?.[1];
  const gib = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} cores, ${gib} GiB, ${process.platform}, Node ${process.versions.node}, Redis ${redis}`;
}

/** docs/fault-report.md */
export function faultReport({ date, machine, seed, minutes, tookMinutes, rows, bugs }: FaultReport): string {
  const runs = rows.reduce((sum, one) => sum + one.runs, 0);
  const violations = rows.reduce((sum, one) => sum + one.violations, 0);
  const caught = bugs.filter(({ caughtBy }) => caughtBy !== null).length;
  const letters = Object.entries(INVARIANTS).map(([letter, what]) => `**${letter}** ${what}`);
  return `# Fault report

Written by \`npm run test:faults\`, and not by hand: ${date}, ${machine}; seed ${seed}, ${tookMinutes} minutes.

**${rows.length} rows, ${runs} tests, ${violations} ${violations === 1 ? 'violation' : 'violations'}; ${caught} of ${bugs.length} seeded bugs caught.**

Each row is a fault that the system must survive. Its tests inject it into real processes of Redis, PostgreSQL and ours on
one machine, two files of tests at a time, and check what must hold throughout: ${letters.join('; ')}.
_Runs_ are the tests of a row that were run, and _violations_ those of them that found something not to hold, whatever it was and
however often they saw it. Figures are the least and the most over all scenarios of a row; they are of a machine that does everything else at the same
time, and show that nothing is out of bounds, not how fast it can be: for that see [benchmarks](benchmarks.md).

## To repeat it

\`npm run test:faults\` does all of it, and writes this page; \`-- --rows 1-8,13\` only some, \`-- --seed ${seed}\` with the same
random numbers, \`-- --minutes 1\` with a shorter row 35 (here ${minutes}), \`-- --json\` for programs. It exits with 1 when
something does not hold. \`npm test\` leaves out the rows that take longest, and repeats
the others less often.

## Rows

PX is a proxy of the test's own (delays, black holes, resets, lost and repeated replies), STOP is SIGSTOP, K9 is kill -9, CLI
is a command of Redis, FULL a full disk, CODE something that the test itself does.

| row | scenario | injected | invariants | runs | figures | violations |
| --: | --- | --- | --- | --: | --- | --: |
${rows.map(rowLine).join('\n')}

## What was injected

${rows.map(injectedLines).join('\n')}

## Who guards the guards

Deliberate bugs, each put into one source file for a run of the rows that must notice it.

| bug | what it does | rows that must notice it | caught by |
| --- | --- | --- | --- |
${bugs.map(bugLine).join('\n')}
`;
}

function rowLine({ row, runs, violations, figures }: RowSummary): string {
  const { scenario = '', inject = '', asserts = '' } = ROWS.find((one) => one.row === row) ?? {};
  return `| ${[row, scenario, inject, asserts, runs, figureText(figures), violations].map(cell).join(' | ')} |`;
}

function injectedLines({ row, injected, failures, skipped }: RowSummary): string {
  const lines = [
    ...injected,
    ...failures.map((failure) => `**Failed:** ${failure}`),
    ...skipped.map((name) => `**Not run:** ${name}`),
  ];
  return lines.length === 0 ? `- **${row}** see its tests` : `- **${row}** ${lines.map(inline).join('; ')}`;
}

function bugLine({ bug, caughtBy }: TriedBug): string {
  return `| ${[bug.name, bug.what, bug.rows.join(', '), caughtBy ?? '**nobody**'].map(cell).join(' | ')} |`;
}

function cell(content: string | number): string {
  return inline(String(content)).replaceAll('|', '\\|');
}

/** Names of tests hold whatever they like. */
function inline(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('<', '&lt;');
}
