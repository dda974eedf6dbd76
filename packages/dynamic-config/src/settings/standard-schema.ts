import { NOT_JSON, parseJson } from './parse-json.ts';
import { accept, defineSetting, refuse } from './setting.ts';
import type { JsonSchema, Parsed, Setting } from './setting.ts';

/**
 * What zod, valibot, arktype and others have in common. The shape is that of Standard Schema v1
 * (https://standardschema.dev), of which only this much is needed; with `jsonSchema` where the library offers it.
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): Result<Output> | Promise<Result<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    readonly jsonSchema?: { input(options: { readonly target: string }): Record<string, unknown> } | undefined;
  };
}

type Result<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

export type InferOutput<S extends StandardSchema> = S extends StandardSchema<infer Output> ? Output : never;

export function isStandardSchema(value: unknown): value is StandardSchema {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value;
}

/** Never throws: a validator that does, or that wants to wait, refuses. */
export function validate<Output>(schema: StandardSchema<Output>, value: unknown): Parsed<Output> {
  try {
    const result = schema['~standard'].validate(value);
    if (isThenable(result)) {
      result.then(undefined, () => {});
      return refuse('has a validator that waits for something, and settings are checked at once');
    }
    return result.issues === undefined ? accept(result.value) : refuse(describe(result.issues));
  } catch (error) {
    return refuse(`has a validator that failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Not all of them are a `Promise`. */
function isThenable<T>(result: T | PromiseLike<T>): result is PromiseLike<T> {
  return typeof (result as Partial<PromiseLike<T>> | null)?.then === 'function';
}

/**
 * A validator as a setting of its own. It is given the text; and where it refuses that, what the text is as JSON. What it
 * makes of nothing is the default.
 */
export function fromStandardSchema(schema: StandardSchema): Setting<unknown> {
  const parse = (text: string): Parsed<unknown> => {
    const asText = validate(schema, text);
    if (asText.ok) return asText;
    const json = parseJson(text);
    if (!json.ok) return json.problem === NOT_JSON ? asText : json;
    return validate(schema, json.value);
  };
  const format = (value: unknown): string =>
    typeof value === 'string' || typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  const missing = validate(schema, undefined);
  const options = missing.ok && missing.value !== undefined ? { default: missing.value } : {};
  return defineSetting({ type: 'schema', rule: {}, jsonSchema: jsonSchemaOf(schema), parse, format }, options);
}

/** The JSON Schema of what a validator takes; `{}`, anything, where its library does not tell. */
export function jsonSchemaOf(schema: StandardSchema): JsonSchema {
  try {
    return schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12' }) ?? {};
  } catch {
    // Some of its schemas have none (transforms, functions).
    return {};
  }
}

function describe(
  issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[],
): string {
  const problems = issues.map(({ message, path = [] }) => {
    const where = path.map((segment) => keyOf(segment)).join('.');
    return where === '' ? message : `${where}: ${message}`;
  });
  return `is not valid (${problems.join('; ')})`;
}

function keyOf(segment: unknown): string {
  return typeof segment === 'object' && segment !== null && 'key' in segment ? String(segment.key) : String(segment);
}
