import { boundsOf } from './bounds.ts';
import { accept, defineSetting, given, refuse } from './setting.ts';
import type { JsonSchema, Parsed, Setting, SettingOptions } from './setting.ts';

export interface NumberOptions extends SettingOptions<number> {
  /** Smallest value. */
  readonly min?: number;
  /** Largest value. */
  readonly max?: number;
}

/** What bounds a number. */
export const BOUNDS = ['min', 'max'] as const;
const INTEGER = /^[+-]?\d{1,16}$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;

/**
 * A whole number, no larger than JavaScript counts exactly (2⁵³ − 1).
 *
 * @example
 * integer({ min: 1, max: 10_000, default: 100, unit: 'alerts/s' })
 */
export function integer(options: NumberOptions = {}): Setting<number> {
  const bounds = boundsOf('integer', options, BOUNDS);
  const parse = (text: string): Parsed<number> => {
    const value = Number(text.trim());
    if (!INTEGER.test(text.trim()) || !Number.isSafeInteger(value)) return refuse('must be a whole number');
    return withinBounds(value, bounds);
  };
  const jsonSchema = { type: 'integer', ...schemaOf(bounds) };
  return defineSetting({ type: 'integer', rule: bounds, jsonSchema, parse, format: formatNumber }, options);
}

/**
 * A finite number.
 *
 * @example
 * number({ min: 0, max: 1, default: 0.8 })
 */
export function number(options: NumberOptions = {}): Setting<number> {
  const bounds = boundsOf('number', options, BOUNDS);
  const parse = (text: string): Parsed<number> => {
    const value = Number(text.trim());
    if (!NUMBER.test(text.trim()) || !Number.isFinite(value)) return refuse('must be a number');
    return withinBounds(value, bounds);
  };
  const jsonSchema = { type: 'number', ...schemaOf(bounds) };
  return defineSetting({ type: 'number', rule: bounds, jsonSchema, parse, format: formatNumber }, options);
}

export function withinBounds(
  value: number,
  { min, max }: Pick<NumberOptions, 'min' | 'max'>,
  show: (bound: number) => string = String,
): Parsed<number> {
  if (min !== undefined && value < min) return refuse(`must be at least ${show(min)}`);
  if (max !== undefined && value > max) return refuse(`must be at most ${show(max)}`);
  // There is one zero.
  return accept(value === 0 ? 0 : value);
}

function schemaOf({ min, max }: Pick<NumberOptions, 'min' | 'max'>): JsonSchema {
  return given({ minimum: min, maximum: max });
}

function formatNumber(value: number): string {
  return String(value);
}
