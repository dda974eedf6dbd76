const MOST_DECIMALS = 20;

interface Bounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** The next number up or down, within the bounds; null where the text is no number that can be counted on. */
export function stepped(text: string, by: number, { min, max }: Bounds): string | null {
  const value = text.trim() === '' ? (min ?? 0) - by : Number(text);
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return null;
  // 0.1 + 0.2 is 0.3 for people.
  const next = Number((value + by).toFixed(decimalsOf(value, by)));
  return String(Math.min(Math.max(next, min ?? -Infinity), max ?? Infinity));
}

/** By how much a step changes a number: one, or the last decimal that it has. */
export function stepFor(text: string, type: string): number {
  return type === 'integer' ? 1 : 10 ** -decimalsOf(Number(text));
}

function decimalsOf(...numbers: readonly number[]): number {
  return Math.max(
    ...numbers.map((one) => {
      // Small ones are written 1.5e-7.
      const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e(.+))?$/.exec(String(one)) ?? [];
      return Math.min(Math.max(fraction.length - Number(exponent), 0), MOST_DECIMALS);
    }),
  );
}
