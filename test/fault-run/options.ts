import { parseArgs } from 'node:util';
import { ROWS } from './rows.ts';

export interface FaultOptions {
  /** These, and the bugs that they must notice. */
  readonly rows: readonly number[];
  /** False: the bugs alone. */
  readonly runsRows: boolean;
  /** null: a new one. */
  readonly seed: number | null;
  /** How long row 35 takes. */
  readonly minutes: number;
  readonly isJson: boolean;
  /** Whether the deliberate bugs are tried, too. */
  readonly triesBugs: boolean;
}

const USAGE = 'npm run test:faults -- [--rows 1-8,13] [--seed 4711] [--minutes 10] [--json] [--bugs-only] [--no-bugs]';

/** @throws Error with a sentence for whoever typed it. */
export function parseOptions(args: readonly string[]): FaultOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string' },
      seed: { type: 'string' },
      minutes: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
      'no-bugs': { type: 'boolean', default: false },
      'bugs-only': { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new Error(`--minutes takes a number above 0. ${USAGE}`);
  const seed = values.seed === undefined ? null : Number(values.seed);
  if (seed !== null && !Number.isSafeInteger(seed)) throw new Error(`--seed takes a whole number. ${USAGE}`);
  const all = ROWS.map(({ row }) => row);
  const rows = values.rows === undefined ? all : parseRows(values.rows);
  return {
    rows,
    runsRows: !values['bugs-only'],
    seed,
    minutes,
    isJson: values.json,
    triesBugs: !values['no-bugs'],
  };
}

/** `1-8,13` */
function parseRows(text: string): number[] {
  const rows = new Set<number>();
  for (const part of text.split(',')) {
    const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (!(from >= 1 && from <= to && to <= ROWS.length))
      throw new Error(`--rows takes numbers from 1 to ${ROWS.length}, not ${JSON.stringify(part)}. ${USAGE}`);
    for (let row = from; row <= to; row++) rows.add(row);
  }
  return [...rows].toSorted((a, b) => a - b);
}
