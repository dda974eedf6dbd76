import { readFile } from 'node:fs/promises';
import type * as Library from '@mutt/dynamic-config';
import type { SeedMapping, SeedSource, Setting, ValueInput } from '@mutt/dynamic-config';
import { Failure } from './failure.ts';

/** What a mapping file says: where values come from, and what they must be. */
export interface Mapping {
  readonly mapping: SeedMapping;
  readonly settings: ReadonlyMap<string, Setting<unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** What says which values are valid, for each type: the options of its builder. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  text: ['minLength', 'maxLength', 'pattern', 'flags'],
  secret: ['minLength', 'maxLength', 'pattern', 'flags'],
  integer: ['min', 'max'],
  number: ['min', 'max'],
  boolean: [],
  oneOf: ['words'],
  duration: ['min', 'max', 'bareUnit'],
  bytes: ['min', 'max', 'bareUnit'],
  list: ['item', 'minItems', 'maxItems'],
  json: [],
};
/** The last two are for its readers. */
const COMMON = ['env', 'default', 'type', 'description', 'unit'];
const TEXTS = ['pattern', 'flags', 'bareUnit'];

/**
 * Reads a mapping from keys to their first values, as JSON or YAML (by the file's name).
 *
 * @throws Failure
 */
export async function readMappingFile(path: string): Promise<Mapping> {
  const content = await parseFile(path);
  if (!isFields(content)) throw new Failure('usage', `${path} must hold a mapping from keys to values.`);
  const library = await import('@mutt/dynamic-config');
  const read = Object.entries(content).map(([key, value]) => {
    try {
      return [key, toEntry(value, library)] as const;
    } catch (cause) {
      throw new Failure('usage', `${path}: ${key} ${(cause as Error).message}.`, { cause });
    }
  });
  return {
    mapping: Object.fromEntries(read.map(([key, { source }]) => [key, source])),
    settings: new Map(read.flatMap(([key, { setting }]) => (setting === null ? [] : [[key, setting]]))),
  };
}

async function parseFile(path: string): Promise<unknown> {
  try {
    const text = await readFile(path, 'utf8');
    if (/\.json$/i.test(path)) return JSON.parse(text) as unknown;
    const { parseYaml } = await import('./formats/parse-yaml.ts');
    return parseYaml(text);
  } catch (cause) {
    const why = (cause as Error).message.split('\n', 1)[0]?.replace(/[.:]$/, '');
    throw new Failure('usage', `The mapping file ${path} cannot be read: ${why}.`, { cause });
  }
}

/** @throws Error whose message follows the name of the key. */
function toEntry(value: unknown, library: typeof Library): { source: SeedSource; setting: Setting<unknown> | null } {
  if (!isFields(value)) return { source: toDefault(value, undefined), setting: null };
  const { type, env } = value;
  if (type !== undefined && !isType(type)) throw new Error(`has no type of ${Object.keys(RULES).join(', ')}`);
  assertKnown(value, [...COMMON, ...(type === undefined ? [] : (RULES[type] ?? []))], type);
  if (env !== undefined && (typeof env !== 'string' || env === '')) throw new Error('has an env that is no name');
  const setting = type === undefined ? null : toSetting(type, value, library);
  return { source: { ...toDefault(value['default'], type), ...(env !== undefined && { env }) }, setting };
}

function isType(type: unknown): type is string {
  return typeof type === 'string' && Object.hasOwn(RULES, type);
}

function assertKnown(fields: Fields, known: readonly string[], type: string | undefined): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const of = type === undefined ? ' without a type' : ` of type ${type}`;
  throw new Error(`has the field ${JSON.stringify(unknown)}, and${of} it may have ${known.join(', ')}`);
}

function toDefault(value: unknown, type: string | undefined): SeedSource {
  if (value === undefined || value === null) return {};
  if (Array.isArray(value) || isFields(value)) {
    if (type === 'json' || (type === 'list' && Array.isArray(value))) return { default: JSON.stringify(value) };
    throw new Error('has a default that is neither text, number, true nor false');
  }
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new Error('has a number that loses digits: write it in quotes');
  }
  return { default: value as ValueInput };
}

function toSetting(type: string, fields: Fields, library: typeof Library): Setting<unknown> {
  const given = (RULES[type] ?? []).filter((name) => fields[name] !== undefined);
  const options = Object.fromEntries(given.map((name) => [name, toOption(type, name, fields, library)]));
  if (type === 'oneOf' && options['words'] === undefined) throw new Error('needs words');
  if (type === 'list') options['item'] ??= { type: 'text', rule: {} };
  return library.settingOf({ type, rule: options, jsonSchema: {} });
}

function toOption(type: string, name: string, fields: Fields, library: typeof Library): unknown {
  const value = fields[name];
  if (name === 'words') {
    if (Array.isArray(value) && value.length > 0 && value.every(isPlain)) return value.map(String);
    throw new Error('has words that are no list of words');
  }
  if (name === 'item') {
    const item = typeof value === 'string' ? { type: value } : value;
    if (!isFields(item) || !isType(item['type']) || item['type'] === 'list') throw new Error('has an item of no type');
    const { type: itemType } = item;
    assertKnown(item, ['type', ...(RULES[itemType] ?? [])], itemType);
    const { rule, jsonSchema } = toSetting(itemType, item, library);
    return { type: itemType, rule, jsonSchema };
  }
  if (TEXTS.includes(name)) {
    if (typeof value === 'string') return value;
    throw new Error(`has a ${name} that is no text`);
  }
  const bound = typeof value === 'string' ? toBound(type, fields['bareUnit'], value, library) : value;
  if (typeof bound === 'number' && Number.isFinite(bound)) return bound;
  throw new Error(
    `has a ${name} that is no ${type === 'duration' || type === 'bytes' ? `number or ${type}` : 'number'}`,
  );
}

/** Bounds of times and sizes may be written like their values: `min: 1s`. */
function toBound(type: string, bareUnit: unknown, text: string, { duration, bytes }: typeof Library): number | null {
  const options = typeof bareUnit === 'string' ? { bareUnit } : {};
  if (type !== 'duration' && type !== 'bytes') return null;
  const parsed = (type === 'duration' ? duration(options) : bytes(options)).parse(text);
  return parsed.ok ? parsed.value : null;
}

function isPlain(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
