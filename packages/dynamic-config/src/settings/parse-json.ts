import { accept, refuse } from './setting.ts';
import type { Parsed } from './setting.ts';

/** Deepest nesting of arrays and objects: whoever walks a value may do so by recursion. */
const MAX_DEPTH = 100;
/** The problem with what is nested deeper. */
export const TOO_DEEP = `must not be nested deeper than ${MAX_DEPTH} levels`;

/** The problem with what is none. */
export const NOT_JSON = 'must be JSON';

/** What a text is as JSON. Never throws. */
export function parseJson(text: string): Parsed<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(NOT_JSON);
  }
  return isTooDeep(value) ? refuse(TOO_DEEP) : accept(value);
}

/** True for what is nested deeper than a value may be. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1));
}
