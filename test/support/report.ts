import { appendFileSync } from 'node:fs';

/** What one row of the fault tests found. */
export interface Finding {
  /** Number of the row. */
  readonly row: number;
  readonly scenario: string;
  readonly injected: string;
  /** Letters of the invariants that were checked, and held. */
  readonly invariants: string;
  readonly figures: Readonly<Record<string, number | string>>;
}

/** Adds a line to the file that FAULT_REPORT names. */
export function report(finding: Finding): void {
  const path = process.env['FAULT_REPORT'];
  if (path) appendFileSync(path, `${JSON.stringify(finding)}\n`);
}

/** `ms` or a share, so that a person can read it. */
export function rounded(value: number): number {
  return Number(value.toFixed(value < 10 ? 2 : 0));
}

/** The value that a share of all samples does not exceed. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN);
}
