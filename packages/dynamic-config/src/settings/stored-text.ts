// oxlint-disable-next-line no-restricted-imports -- it compares values, and does no I/O
import { isDeepStrictEqual } from 'node:util';
import { InvalidValueError } from '../errors.ts';
import { deepFreeze, isPlainData } from './plain-data.ts';
import { accept, refuse } from './setting.ts';
import type { Parsed, Setting } from './setting.ts';

/** A text to be stored as it is, where a value is asked for: of a setting whose values cannot all be written. */
export class StoredText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value, and the text that is stored for it. */
export interface Stored {
  readonly text: string;
  readonly value: unknown;
}

type Kind = Pick<Setting<unknown>, 'type' | 'rule'>;

/**
 * What a stored text means, frozen. Never throws, whatever a setting makes of it: one key would take all others of its
 * change set with it, and what comes after that.
 */
export function readText(setting: Setting<unknown>, text: string): Parsed<unknown> {
  try {
    const parsed = setting.parse(text);
    return parsed.ok ? accept(deepFreeze(parsed.value)) : parsed;
  } catch (error) {
    return refuse(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** True for settings whose text is somebody else's JSON: writing it anew could lose digits, or what is made of it. */
function isOpen({ type, rule }: Kind): boolean {
  return type === 'json' || type === 'schema' || (type === 'list' && isOpen(rule['item'] as Kind));
}

/** The one text that stands for what a text means: `true` for `Yes`, `5` for ` 5 `. */
export function canonicalText(setting: Setting<unknown>, text: string): Parsed<string> {
  const parsed = readText(setting, text);
  if (!parsed.ok) return parsed;
  return accept(isOpen(setting) ? text : setting.format(parsed.value));
}

/**
 * What is stored for a value.
 *
 * @throws InvalidValueError when it is no value of this setting, or would be read back as another one.
 */
export function toStored(key: string, setting: Setting<unknown>, value: unknown): Stored {
  const stored = value instanceof StoredText ? ofText(setting, value.text) : ofValue(setting, value);
  if (stored.ok) return stored.value;
  throw new InvalidValueError(`Invalid value for ${key}: it ${stored.problem}.`);
}

function ofText(setting: Setting<unknown>, text: string): Parsed<Stored> {
  const parsed = readText(setting, text);
  return parsed.ok ? accept({ text, value: parsed.value }) : parsed;
}

function ofValue(setting: Setting<unknown>, value: unknown): Parsed<Stored> {
  const { type } = setting;
  const written = format(setting, value);
  if (written === null) return refuse(`must be a value of ${type}`);
  const read = ofText(setting, written);
  if (!read.ok) return read;
  const lost = refuse(`is not what ${type} reads back from its text, ${JSON.stringify(written.slice(0, 64))}`);
  if (isOpen(setting) && !isPlainData(value) && !isDeepStrictEqual(read.value.value, value)) return lost;
  const text = format(setting, read.value.value);
  const again = text === null ? lost : ofText(setting, text);
  if (again.ok && isDeepStrictEqual(again.value.value, read.value.value)) return again;
  // A text is what it was read from.
  return typeof value === 'string' ? read : lost;
}

/** null for what cannot be written. */
function format(setting: Setting<unknown>, value: unknown): string | null {
  try {
    const text: unknown = setting.format(value);
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}
