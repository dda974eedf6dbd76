import { fitTo } from './terminal-text.ts';

/** Longest value in a line for people; `--json` has all of it. */
const MAX_VALUE_WIDTH = 100;

/** `300 → 600`, `(not set) → 600` or `300 → (deleted)`: safe to show. */
export function changeText(previousValue: string | null, value: string | null): string {
  return `${valueText(previousValue, '(not set)')} → ${valueText(value, '(deleted)')}`;
}

/** A value in a line for people: escaped, cut, and visible even when it is empty. */
export function valueText(value: string | null, absent: string): string {
  if (value === null) return absent;
  return value === '' ? '""' : fitTo(value, MAX_VALUE_WIDTH);
}
