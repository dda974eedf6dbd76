import { Failure } from './failure.ts';

const HOUR_MS = 3_600_000;
const UNITS_MS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS };
const INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d))?$/;

/**
 * When something ends, in ISO 8601: `90d` from now, or a time.
 *
 * @throws Failure
 */
export function parseExpiry(text: string, nowMs: number): string {
  const [, amount, unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  const timeMs =
    amount === undefined
      ? INSTANT.test(text)
        ? Date.parse(text)
        : NaN
      : nowMs + Number(amount) * (UNITS_MS[unit] ?? 0);
  if (timeMs > nowMs) return new Date(timeMs).toISOString();
  if (timeMs <= nowMs) throw new Failure('usage', `${text} is in the past: such a key would open nothing.`);
  throw new Failure(
    'usage',
    `Not a time: ${JSON.stringify(text)}. Give for how long (12h, 90d, 52w) or until when (2027-01-31, 2027-01-31T12:00:00Z).`,
  );
}
