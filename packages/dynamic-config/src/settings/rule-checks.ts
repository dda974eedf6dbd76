import type { JsonSchema } from './setting.ts';

/** What is wrong with a value, by a JSON Schema: the end of a sentence that begins with the value; null: nothing. */
export type JsonSchemaCheck = (schema: JsonSchema, value: unknown) => string | null;

/** Whether the whole of a text matches a pattern. */
export type PatternCheck = (pattern: RegExp) => (text: string) => boolean;

/** How values are checked by rules that others declare. */
export interface RuleChecks {
  readonly json: JsonSchemaCheck;
  readonly pattern: PatternCheck;
}

/** Matches as JavaScript does: for patterns of one's own, since one that is made for it never comes to an end. */
export const matchesWhole: PatternCheck = ({ source, flags }) => {
  const whole = new RegExp(`^(?:${source})$`, flags.replace(/[gmy]/g, ''));
  return (text) => whole.test(text);
};

/** For where no JSON Schema validator is at hand: a `json` takes any JSON. */
export const PLAIN_CHECKS: RuleChecks = { json: () => null, pattern: matchesWhole };

interface Validator {
  (value: unknown): unknown;
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string | undefined }[] | null;
  readonly $async?: unknown;
}

/** As `ajv/dist/2020.js` exports it. */
type Ajv = new (options: object) => {
  compile(schema: JsonSchema): Validator;
  removeSchema(schema: JsonSchema): unknown;
};

/** As `re2js` exports it. */
interface Re2 {
  readonly CASE_INSENSITIVE: number;
  readonly DOTALL: number;
  translateRegExp(pattern: string): string;
  compile(pattern: string, flags?: number): { test(text: string): boolean; testExact(text: string): boolean };
}

/** Compiled schemas that are kept. */
const MOST_SCHEMAS = 1_000;

/**
 * Checks by rules that anybody may have declared: of JSON by Ajv (draft 2020-12), and of patterns by re2js, in time
 * linear in the text. What they cannot make sense of refuses nothing: its service checks by other means.
 *
 * @example
 * const checks = ruleChecks(Ajv2020, RE2JS);
 */
export function ruleChecks(ajv: Ajv, re2: Re2): RuleChecks {
  return { json: jsonCheck(ajv, re2), pattern: patternCheck(re2) };
}

function patternCheck(re2: Re2): PatternCheck {
  return ({ source, flags }) => {
    const asked = (flags.includes('i') ? re2.CASE_INSENSITIVE : 0) | (flags.includes('s') ? re2.DOTALL : 0);
    try {
      const compiled = re2.compile(re2.translateRegExp(source), asked);
      return (text) => compiled.testExact(text);
    } catch {
      // It looks ahead, or back.
      return () => true;
    }
  };
}

function jsonCheck(Ajv: Ajv, re2: Re2): JsonSchemaCheck {
  const regExp = (pattern: string): object => {
    const compiled = re2.compile(re2.translateRegExp(pattern));
    // Ajv tells patterns apart by their text.
    return { test: (text: string) => compiled.test(text), toString: () => pattern };
  };
  const code = { regExp: Object.assign(regExp, { code: 're2' }) };
  const ajv = new Ajv({
    strict: false,
    allErrors: false,
    validateFormats: false,
    addUsedSchema: false,
    logger: false,
    code,
  });
  /** By the text of the schema: it is read anew with each registration. */
  const compiled = new Map<string, Validator | null>();
  const compile = (schema: JsonSchema): Validator | null => {
    try {
      const validate = ajv.compile(schema);
      return validate.$async === undefined ? validate : null;
    } catch {
      return null;
    } finally {
      ajv.removeSchema(schema);
    }
  };
  const validatorOf = (schema: JsonSchema): Validator | null => {
    const text = JSON.stringify(schema);
    let validate = compiled.get(text);
    if (validate !== undefined) return validate;
    validate = compile(schema);
    if (compiled.size >= MOST_SCHEMAS) compiled.delete(compiled.keys().next().value ?? '');
    compiled.set(text, validate);
    return validate;
  };
  return (schema, value) => {
    const validate = validatorOf(schema);
    if (validate === null || validate(value) === true) return null;
    const [error] = validate.errors ?? [];
    const where = error?.instancePath ? `${error.instancePath.slice(1).replaceAll('/', '.')}: ` : '';
    return `is not valid (${where}${error?.message ?? 'refused'})`;
  };
}
