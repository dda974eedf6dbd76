/** One measure: ours beside its floor, both measured in this run, in alternation, so that noise meets both. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  /** null: there is nothing to compare with, the goal is for `ours` itself. */
  readonly floor: number | null;
  /** ours / floor. */
  readonly ratio: number | null;
  readonly goal: string;
  readonly met: boolean;
  /** What else was seen, by name. */
  readonly also: Readonly<Record<string, number>>;
}

/** Some measures that are made together. */
export interface Bench {
  readonly names: readonly string[];
  /** @param options quick: fewer samples, for a look in passing. */
  run(options: { readonly quick: boolean }): Promise<readonly Figure[]>;
}

interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly floor: number;
  readonly also?: Readonly<Record<string, number>>;
}

/** A ratio that should be small; `limit`: what another figure, in the same unit, must not exceed besides. */
export function atMost(
  bound: number,
  { name, unit, ours, floor, also = {} }: Measured,
  limit?: { readonly what: string; readonly value: number; readonly most: number },
): Figure {
  const ratio = ratioOf(ours, floor);
  const besides = limit === undefined ? '' : `, ${limit.what} ≤ ${limit.most} ${unit}`;
  const met = ratio <= bound && (limit === undefined || limit.value <= limit.most);
  return { name, unit, ours, floor, ratio, goal: `≤ ${bound}${besides}`, met, also };
}

/** A ratio that should be large. */
export function atLeast(bound: number, { name, unit, ours, floor, also = {} }: Measured): Figure {
  const ratio = ratioOf(ours, floor);
  return { name, unit, ours, floor, ratio, goal: `≥ ${bound}`, met: ratio >= bound, also };
}

/** A figure that is compared with nothing. */
export function absolute(most: number, { name, unit, ours, also = {} }: Omit<Measured, 'floor'>): Figure {
  return { name, unit, ours, floor: null, ratio: null, goal: `≤ ${most} ${unit}`, met: ours <= most, also };
}

/** What cannot be is no figure, and meets no goal. */
function ratioOf(ours: number, floor: number): number {
  return ours > 0 && floor > 0 ? ours / floor : Number.NaN;
}

/** @param q 0 to 1. */
export function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(Math.floor(values.length * q), values.length - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
