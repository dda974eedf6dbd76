import type { SettingDescription } from '../store.ts';
import { boolean } from './boolean.ts';
import { list } from './list.ts';
import { integer, number } from './number.ts';
import { oneOf } from './one-of.ts';
import { NOT_JSON, parseJson } from './parse-json.ts';
import { bytes, duration } from './quantity.ts';
import { PLAIN_CHECKS } from './rule-checks.ts';
import type { JsonSchemaCheck, RuleChecks } from './rule-checks.ts';
import { accept, defineSetting, refuse } from './setting.ts';
import type { Parsed, Setting } from './setting.ts';
import { toStored } from './stored-text.ts';
import { textOf } from './text.ts';

/** What a rule needs to be made again. */
type Rule = Pick<SettingDescription, 'type' | 'rule' | 'jsonSchema'>;

/** A setting without its code. */
export function describeSetting(setting: Setting<unknown>): SettingDescription {
  const { type, rule, jsonSchema, isSecret, description, unit, deprecated, requiresRestart } = setting;
  return {
    type,
    rule,
    jsonSchema,
    default: isSecret ? null : defaultText(setting),
    description: description ?? null,
    unit: unit ?? null,
    deprecated: deprecated ?? null,
    requiresRestart: requiresRestart ?? false,
    isSecret,
  };
}

/** null: there is none, or none that can be written. */
function defaultText(setting: Setting<unknown>): string | null {
  try {
    return setting.default === undefined ? null : toStored('', setting, setting.default).text;
  } catch {
    return null;
  }
}

/**
 * A setting made again from its description. What only the code of its service knows, a validator of somebody else's, is
 * checked by its JSON Schema, where `checks` can.
 *
 * @throws TypeError when the description makes no sense.
 */
export function settingOf(rule: Rule, checks: RuleChecks = PLAIN_CHECKS): Setting<unknown> {
  const make = MAKERS[rule.type];
  if (make === undefined) throw new TypeError(`There is no setting of type ${rule.type}.`);
  return make(rule.rule as Options, rule, checks);
}

type Options = Readonly<Record<string, never>>;
type Maker = (options: Options, rule: Rule, checks: RuleChecks) => Setting<unknown>;

const MAKERS: Readonly<Record<string, Maker | undefined>> = Object.assign(Object.create(null) as object, {
  integer: (options) => integer(options),
  number: (options) => number(options),
  boolean: () => boolean(),
  duration: (options) => duration(options),
  bytes: (options) => bytes(options),
  oneOf: ({ words }) => oneOf(words as unknown as readonly [string, ...string[]]),
  text: (options, _, { pattern }) => textOf('text', withPattern('text', options), pattern),
  secret: (options, _, { pattern }) => textOf('secret', withPattern('secret', options), pattern),
  list: (options, _, checks) => list(settingOf(itemOf(options), checks), options),
  json: (_, rule, checks) => ofJsonSchema(rule, checks.json),
  schema: (_, rule, checks) => ofJsonSchema(rule, checks.json),
} satisfies Record<string, Maker>);

/** True for the types of this version of the library. */
export function isKnownType(type: string): boolean {
  return MAKERS[type] !== undefined;
}

function itemOf({ item }: Options): Rule {
  const { type, rule, jsonSchema = {} } = (item ?? {}) as Partial<Rule>;
  if (typeof type !== 'string' || typeof rule !== 'object') throw new TypeError('A list needs an item.');
  return { type, rule, jsonSchema };
}

function withPattern(type: string, { pattern, flags, ...lengths }: Options): Options {
  if (pattern === undefined) return lengths;
  for (const [name, value] of Object.entries<unknown>({ pattern, flags })) {
    if (typeof value === 'string' || (value === undefined && name === 'flags')) continue;
    throw new TypeError(`The ${name} of this ${type} must be a text.`);
  }
  return { ...lengths, pattern: new RegExp(pattern, flags) as never };
}

/** A `json` must be JSON. A `schema` is given the text first, and then what it is as JSON, like its validator. */
function ofJsonSchema({ type, jsonSchema }: Rule, checkJson: JsonSchemaCheck): Setting<unknown> {
  const parse = (stored: string): Parsed<unknown> => {
    const asText = type === 'json' ? NOT_JSON : checkJson(jsonSchema, stored);
    if (asText === null) return accept(stored);
    const json = parseJson(stored);
    if (!json.ok) return json.problem === NOT_JSON ? refuse(asText) : json;
    const problem = checkJson(jsonSchema, json.value);
    return problem === null ? json : refuse(problem);
  };
  return defineSetting({ type, rule: {}, jsonSchema, parse, format: (value) => JSON.stringify(value) }, {});
}
