import { parseJson } from './parse-json.ts';
import { defineSetting } from './setting.ts';
import type { JsonSchema, Parsed, Setting, SettingOptions } from './setting.ts';
import { isStandardSchema, jsonSchemaOf, validate } from './standard-schema.ts';
import type { InferOutput, StandardSchema } from './standard-schema.ts';

/**
 * Any JSON, or what a validator (zod, valibot, arktype: any Standard Schema) makes of it.
 *
 * @example
 * json(z.object({ host: z.string(), port: z.number().int() }), { default: { host: 'localhost', port: 25 } })
 */
export function json<S extends StandardSchema>(
  schema: S,
  options?: SettingOptions<InferOutput<S>>,
): Setting<InferOutput<S>>;
export function json(options?: SettingOptions<unknown>): Setting<unknown>;
export function json(first: unknown = {}, second: SettingOptions<unknown> = {}): Setting<unknown> {
  const schema = isStandardSchema(first) ? first : null;
  const parse = (text: string): Parsed<unknown> => {
    const parsed = parseJson(text);
    return schema === null || !parsed.ok ? parsed : validate(schema, parsed.value);
  };
  const jsonSchema: JsonSchema = schema === null ? {} : jsonSchemaOf(schema);
  const options = schema === null ? (first as SettingOptions<unknown>) : second;
  return defineSetting(
    { type: 'json', rule: {}, jsonSchema, parse, format: (value) => JSON.stringify(value) },
    options,
  );
}
