import { Failure } from './failure.ts';

/** A moment of the past: a revision, perhaps of an epoch, or a time. */
export type Moment = { readonly revision: number; readonly epoch?: string | undefined } | { readonly timeMs: number };

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const INSTANT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * What the command line names: `42`, `<epoch>:42`, `2026-06-01T12:00:00Z`, `2h` ago.
 *
 * @throws Failure
 */
export function parseMoment(text: string, nowMs: number): Moment {
  const [, epoch, revision] = /^(?:([\w-]{1,64}):)?(\d{1,15})$/.exec(text) ?? [];
  if (revision !== undefined) return { revision: Number(revision), epoch };
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return { timeMs: nowMs - Number(amount) * (UNITS_MS[unit] ?? 0) };
  const timeMs = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(timeMs)) return { timeMs };
  throw new Failure(
    'usage',
    `Not a moment: ${JSON.stringify(text)}. Give a revision (42), a time (2026-06-01T12:00:00Z) or how long ago (30m, 2h, 1d).`,
  );
}

/** As the API of a server takes it. */
export function momentParameter(moment: Moment): string {
  if ('timeMs' in moment) return new Date(moment.timeMs).toISOString();
  return moment.epoch === undefined ? String(moment.revision) : `${moment.epoch}:${moment.revision}`;
}
