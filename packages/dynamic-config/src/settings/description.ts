import type { SettingDescription } from '../store.ts';
import { boolean } from './boolean.ts';
import { list } from './list.ts';
import { integer, number } from './number.ts';
import { oneOf } from './one-of.ts';
import { NOT_JSON, parseJson } from './parse-json.ts';
import { bytes, duration } from './quantity.ts';
import { accept, defineSetting, refuse } from './setting.ts';
import type { JsonSchema, Parsed, Setting } from './setting.ts';
import { toStored } from './stored-text.ts';
import { secret, text } from './text.ts';

/** What is wrong with a value, by a JSON Schema: the end of a sentence that begins with the value; null: nothing. */
export type JsonSchemaCheck = (schema: JsonSchema, value: unknown) => string | null;

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
 * checked by its JSON Schema, where `checkJson` can.
 *
 * @throws TypeError when the description makes no sense.
 */
export function settingOf(rule: Rule, checkJson: JsonSchemaCheck): Setting<unknown> {
  const options = rule.rule as Record<string, never>;
  switch (rule.type) {
    case 'integer':
      return integer(options);
    case 'number':
      return number(options);
    case 'boolean':
      return boolean();
    case 'duration':
      return duration(options);
    case 'bytes':
      return bytes(options);
    case 'oneOf':
      return oneOf(options['words'] as unknown as readonly [string, ...string[]]);
    case 'text':
      return text(withPattern(options));
    case 'secret':
      return secret(withPattern(options));
    case 'list':
      return list(settingOf(options['item'] as unknown as Rule, checkJson), options);
    case 'json':
    case 'schema':
      return ofJsonSchema(rule, checkJson);
    default:
      throw new TypeError(`There is no setting of type ${rule.type}.`);
  }
}

function withPattern({ pattern, flags, ...lengths }: Record<string, never>): Record<string, never> {
  return pattern === undefined ? lengths : { ...lengths, pattern: new RegExp(pattern, flags) as never };
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
