import { accept, defineSetting, refuse } from './setting.ts';
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
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return refuse('must be JSON');
    }
    return schema === null ? accept(value) : validate(schema, value);
  };
  const jsonSchema: JsonSchema = schema === null ? {} : jsonSchemaOf(schema);
  const options = schema === null ? (first as SettingOptions<unknown>) : second;
  return defineSetting(
    { type: 'json', rule: {}, jsonSchema, parse, format: (value) => JSON.stringify(value) },
    options,
  );
}
