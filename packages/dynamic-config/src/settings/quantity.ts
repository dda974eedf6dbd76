import { boundsOf } from './bounds.ts';
import { accept, defineSetting, given, refuse } from './setting.ts';
import { BOUNDS, withinBounds } from './number.ts';
import type { NumberOptions } from './number.ts';
import type { Parsed, Setting } from './setting.ts';

/** Units by name, smallest first; the first is the one that values are counted in. */
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

export interface QuantityOptions extends NumberOptions {
  /** What a number without a unit counts, for values from before there were units: `s`. Without it, a unit is a must. */
  readonly bareUnit?: string;
}

/**
 * A time span, as people write it: `250ms`, `30s`, `1h30m`, `2d`. Its value, and its bounds, are milliseconds.
 *
 * @example
 * duration({ min: 1_000, default: 300_000, bareUnit: 's' }) // and `300` still means five minutes
 */
export function duration(options: QuantityOptions = {}): Setting<number> {
  return quantity('duration', TIMES, 'a time span like 30s, 5m or 1h30m', options);
}

/** An amount of memory or disk: `64MB` (10⁶), `512KiB` (2¹⁰). Its value, and its bounds, are bytes. */
export function bytes(options: QuantityOptions = {}): Setting<number> {
  return quantity('bytes', SIZES, 'a size like 64MB or 512KiB', options);
}

function quantity(type: string, units: Units, example: string, options: QuantityOptions): Setting<number> {
  const sizes = new Map(units.map(([name, size]) => [name.toLowerCase(), size]));
  const bounds = boundsOf(type, options, BOUNDS);
  const bareUnit: unknown = options.bareUnit;
  const bare = typeof bareUnit === 'string' ? sizes.get(bareUnit.toLowerCase()) : undefined;
  if (options.bareUnit !== undefined && bare === undefined) {
    throw new TypeError(`The bareUnit of this ${type} must be one of ${units.map(([name]) => name).join(', ')}.`);
  }
  const show = (value: number): string => formatQuantity(value, units);
  // As peers read it that know no units.
  const format = (value: number): string =>
    bare !== undefined && value % bare === 0 ? String(value / bare) : show(value);
  const parse = (text: string): Parsed<number> => {
    const total = /^\d+$/.test(text.trim()) && bare !== undefined ? Number(text) * bare : sum(text, sizes);
    if (!Number.isSafeInteger(total)) return refuse(`must be ${example}`);
    const parsed = withinBounds(total, bounds, show);
    return parsed.ok ? accept(parsed.value) : parsed;
  };
  const pattern = schemaPattern(units, bare !== undefined);
  const jsonSchema = { type: 'string', pattern, description: `It is ${example}.` };
  const rule = { ...bounds, ...given({ bareUnit: options.bareUnit }) };
  return defineSetting({ type, rule, jsonSchema, parse, format }, options);
}

/** What it is written like, in any case of letters: JSON Schema has no flags. */
function schemaPattern(units: Units, isBareTaken: boolean): string {
  const anyCase = (name: string): string =>
    name.replace(/[a-z]/gi, (one) => `[${one.toLowerCase()}${one.toUpperCase()}]`);
  const names = units.map(([name]) => anyCase(name)).join('|');
  const quantity = `([0-9]{1,16}([.][0-9]{1,9})? ?(${names}) ?)+`;
  return `^\\s*(${isBareTaken ? `[0-9]+|${quantity}` : quantity})\\s*$`;
}

/** NaN for what is not numbers with units, one after the other. */
function sum(text: string, sizes: ReadonlyMap<string, number>): number {
  const parts = text
    .trim()
    .toLowerCase()
    .matchAll(/(\d{1,16}(?:\.\d{1,9})?) ?([a-z]+) ?/gy);
  let [total, length] = [Number.NaN, 0];
  for (const [part, count, unit = ''] of parts) {
    total = (length === 0 ? 0 : total) + wholeNumber(Number(count) * (sizes.get(unit) ?? Number.NaN));
    length += part.length;
  }
  return length === text.trim().length ? total : Number.NaN;
}

/** 1.1 s is 1100 ms, though binary fractions say 1100.0000000000002. NaN for what is no whole number. */
function wholeNumber(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value - rounded) < 1e-6 ? rounded : Number.NaN;
}

/** In the largest unit that it is a whole number of. */
function formatQuantity(value: number, units: Units): string {
  const [name = '', size = 1] = units.findLast(([, one]) => value !== 0 && value % one === 0) ?? units[0] ?? [];
  return `${value / size}${name}`;
}
