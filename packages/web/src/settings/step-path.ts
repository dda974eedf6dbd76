import type { TrendPoint } from '../api/replies.ts';

/**
 * The numbers with the one that holds now at the end: the audit trail is a moment behind.
 *
 * @param value as text, which may be no number.
 */
export function withCurrent(points: readonly TrendPoint[], value: string): readonly number[] {
  const numbers = points.map((point) => point.value);
  const current = Number(value);
  return !Number.isFinite(current) || numbers.at(-1) === current ? numbers : [...numbers, current];
}

/** Steps through the numbers as the `d` of an SVG path: each holds until the next; null: there are no two of them. */
export function stepPath(numbers: readonly number[], width: number, height: number): string | null {
  const [first] = numbers;
  if (first === undefined || numbers.length < 2) return null;
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  // What never changed runs through the middle.
  const y = (number: number): string =>
    round(max === min ? height / 2 : height - ((number - min) / (max - min)) * height);
  const step = width / numbers.length;
  const parts = numbers.slice(1).map((number, n) => `H${round(step * (n + 1))}V${y(number)}`);
  return `M0 ${y(first)}${parts.join('')}H${round(width)}`;
}

function round(length: number): string {
  return String(Math.round(length * 10) / 10);
}
