// What a stored time span or size means, for people. The server decides what is taken.

type Units = readonly (readonly [name: string, size: number])[];

const TIMES: Units = [
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
];
const SIZES: Units = [
  ['B', 1],
  ['KB', 1e3],
  ['KiB', 2 ** 10],
  ['MB', 1e6],
  ['MiB', 2 ** 20],
  ['GB', 1e9],
  ['GiB', 2 ** 30],
  ['TB', 1e12],
  ['TiB', 2 ** 40],
];
const TIME_WORDS: readonly (readonly [word: string, size: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
  ['millisecond', 1],
];

/** In milliseconds; null for what is no time span. A bare number counts in `bareUnit`, where there is one. */
export function parseDuration(text: string, bareUnit?: unknown): number | null {
  return total(text, TIMES, bareUnit);
}

/** In bytes; null for what is no size. */
export function parseBytes(text: string, bareUnit?: unknown): number | null {
  return total(text, SIZES, bareUnit);
}

/** `90s` as `1m 30s`. */
export function durationText(ms: number): string {
  return parts(ms, TIMES.toReversed(), (count, name) => `${count}${name}`, '0ms');
}

/** `90s` as `1 minute 30 seconds`. */
export function durationWords(ms: number): string {
  return parts(ms, TIME_WORDS, (count, word) => `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`, '0');
}

/** In the largest unit that it is a whole number of. */
export function bytesText(bytes: number): string {
  const [name, size] = SIZES.findLast(([, one]) => bytes !== 0 && bytes % one === 0) ?? (['B', 1] as const);
  return `${bytes / size}${name}`;
}

/** `64MB` as `64,000,000 bytes (61.04 MiB)`. */
export function bytesWords(bytes: number): string {
  const exact = `${bytes.toLocaleString('en')} byte${bytes === 1 ? '' : 's'}`;
  const [name, size] = SIZES.findLast(([one, size]) => /^.?iB$/.test(one) && bytes >= size) ?? [];
  return size === undefined ? exact : `${exact} (${Number((bytes / size).toFixed(2)).toLocaleString('en')} ${name})`;
}

function parts(total: number, units: Units, show: (count: number, name: string) => string, zero: string): string {
  let rest = total;
  const shown = units.flatMap(([name, size]) => {
    const count = size === 1 ? rest : Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [show(count, name)];
  });
  return shown.length === 0 ? zero : shown.join(' ');
}

function total(text: string, units: Units, bareUnit: unknown): number | null {
  const sizes = new Map(units.map(([name, size]) => [name.toLowerCase(), size]));
  const trimmed = text.trim().toLowerCase();
  const bare = typeof bareUnit === 'string' ? sizes.get(bareUnit.toLowerCase()) : undefined;
  if (/^\d+$/.test(trimmed)) return bare === undefined ? null : Number(trimmed) * bare;
  if (!/^(\d{1,16}(\.\d{1,9})? ?[a-z]+ ?)+$/.test(trimmed)) return null;
  let sum = 0;
  for (const [, count, unit = ''] of trimmed.matchAll(/([\d.]+) ?([a-z]+)/g)) {
    sum += Number(count) * (sizes.get(unit) ?? Number.NaN);
  }
  return Number.isFinite(sum) ? Math.round(sum) : null;
}
