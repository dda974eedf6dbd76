import { given } from './setting.ts';

/** What bounds a value: `min`, `max`; or its length, or number of items. */
type Bounds<L extends string, M extends string> = { readonly [K in L | M]?: number };

/**
 * The bounds of a setting, as they hold: one that is infinite is none.
 *
 * @throws TypeError for what is no number, and for bounds that no value is within.
 */
export function boundsOf<L extends string, M extends string>(
  type: string,
  options: { readonly [K in L | M]?: unknown },
  [least, most]: readonly [least: L, most: M],
): Bounds<L, M> {
  const from = boundOf(type, least, options[least], -Infinity);
  const to = boundOf(type, most, options[most], Infinity);
  if (from !== undefined && to !== undefined && from > to) {
    throw new TypeError(`The ${least} of this ${type}, ${from}, is above its ${most}, ${to}.`);
  }
  return given({ [least]: from, [most]: to }) as Bounds<L, M>;
}

function boundOf(type: string, name: string, bound: unknown, none: number): number | undefined {
  // JSON has no infinity, and says null.
  if (bound === undefined || bound === null || bound === none) return undefined;
  if (typeof bound === 'number' && Number.isFinite(bound)) return bound;
  throw new TypeError(`The ${name} of this ${type} must be a number.`);
}
