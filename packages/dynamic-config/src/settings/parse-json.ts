import { accept, refuse } from './setting.ts';
import type { Parsed } from './setting.ts';

/** Deepest nesting of arrays and objects: whoever walks a value may do so by recursion. */
const MAX_DEPTH = 100;

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
  return isDeeperThan(MAX_DEPTH, value) ? refuse(`must not be nested deeper than ${MAX_DEPTH} levels`) : accept(value);
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}
