import { ROWS } from './rows.ts';
import { rowsOf } from './row-tests.ts';
import type { RunResult, TestResult } from './run-tests.ts';

/** The least and the most of a figure, over all scenarios of a row that have it; or a text. */
export type Figures = Readonly<Record<string, readonly [least: number, most: number] | string>>;

export interface RowSummary {
  readonly row: number;
  /** How many tests of it were run. */
  readonly runs: number;
  /** How many of these found that something does not hold: one each, however often it saw that. */
  readonly violations: number;
  readonly figures: Figures;
  /** What was injected, scenario by scenario. */
  readonly injected: readonly string[];
  /** Names of the tests that failed, each with why. */
  readonly failures: readonly string[];
  /** Names of the tests that were not run, as what they need is not to be had here. */
  readonly skipped: readonly string[];
}

/** Row by row. A test that no row can be told of counts for none: see `strays`. */
export function summarize({ tests, skipped, findings }: RunResult, rows: readonly number[]): RowSummary[] {
  return rows.map((row) => {
    const own = tests.filter(({ name }) => rowsOf(name).includes(row));
    const failed = own.filter(({ hasPassed }) => !hasPassed);
    const found = findings.filter((finding) => finding.row === row);
    return {
      row,
      runs: own.length,
      violations: failed.length,
      figures: figuresOf(found.map(({ figures }) => figures)),
      injected: [...new Set(found.map(({ scenario, injected }) => `${scenario} (${injected})`))],
      failures: failed.map(describe),
      skipped: skipped.filter((name) => rowsOf(name).includes(row)),
    };
  });
}

/** What failed without being a test of a row, such as a file that cannot be loaded. */
export function strays({ tests }: RunResult): string[] {
  return tests.filter(({ name, hasPassed }) => !hasPassed && rowsOf(name).length === 0).map(describe);
}

/** True when each of the rows was tried, and held. */
export function holds(summaries: readonly RowSummary[]): boolean {
  return summaries.every(({ runs, violations }) => runs > 0 && violations === 0);
}

export function figureText(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => {
      if (typeof value === 'string') return `${words(name)} ${value}`;
      const [least, most] = value;
      return `${words(name)} ${least === most ? least : `${least} to ${most}`}`;
    })
    .join(', ');
}

export function scenarioOf(row: number): string {
  return ROWS.find((one) => one.row === row)?.scenario ?? '';
}

function figuresOf(all: readonly Readonly<Record<string, number | string>>[]): Figures {
  const figures: Record<string, [number, number] | string> = {};
  for (const [name, value] of all.flatMap((one) => Object.entries(one))) {
    const before = figures[name];
    if (typeof value === 'string') {
      const texts = typeof before === 'string' ? before.split(' or ') : [];
      figures[name] = [...new Set([...texts, value])].join(' or ');
    } else if (Array.isArray(before)) figures[name] = [Math.min(before[0], value), Math.max(before[1], value)];
    else figures[name] = [value, value];
  }
  return figures;
}

function describe({ name, messages }: TestResult): string {
  return `${name}: ${messages[0]?.split('\n', 1)[0] ?? 'failed'}`;
}

/** `allLiveAfterMs` as `all live after ms`; MB, KiB and MiB stay what they are. */
function words(name: string): string {
  return name.replaceAll(/[KM]i?B(?![a-z])|[A-Z]/g, (part) => ` ${part.length > 1 ? part : part.toLowerCase()}`);
}
