/** What a stored text turned out to be: a value, or the problem with it, as the end of a sentence. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** JSON Schema (draft 2020-12) of the values of a setting. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What every kind of setting may say about itself. */
export interface SettingOptions<T> {
  /** Served while there is no entry. Without one, reading a missing key is an error. */
  readonly default?: T;
  /** What it does, for whoever changes it. */
  readonly description?: string;
  /** What a number counts: `alerts/s`, `%`. */
  readonly unit?: string;
  /** Why not to use it any more, and what to use instead. */
  readonly deprecated?: string;
  /** A change takes effect only after a restart of the service. */
  readonly requiresRestart?: boolean;
}

/** The declaration of a key: what its text means, and which texts are refused. */
export interface Setting<T> extends SettingOptions<T> {
  /** The builder that made it. */
  readonly type: string;
  /** True when its value must not be shown. */
  readonly isSecret: boolean;
  /** The options that say what is valid, as JSON: with `type`, enough to make it again. */
  readonly rule: Readonly<Record<string, unknown>>;
  readonly jsonSchema: JsonSchema;
  /** What a stored text means. Never throws. */
  parse(text: string): Parsed<T>;
  /** The text that is stored for a value; `parse` of it is that value. */
  format(value: T): string;
}

/** What a builder has to say: the rest is common. */
interface Definition<T> {
  readonly type: string;
  readonly rule: Readonly<Record<string, unknown>>;
  readonly jsonSchema: JsonSchema;
  readonly isSecret?: boolean;
  parse(text: string): Parsed<T>;
  format(value: T): string;
}

/**
 * A setting of its own kind.
 *
 * @throws TypeError when the default is no value of it.
 */
export function defineSetting<T>(definition: Definition<T>, options: SettingOptions<T>): Setting<T> {
  const { description, unit, deprecated, requiresRestart } = options;
  const setting: Setting<T> = {
    ...definition,
    isSecret: definition.isSecret ?? false,
    ...(description !== undefined && { description }),
    ...(unit !== undefined && { unit }),
    ...(deprecated !== undefined && { deprecated }),
    ...(requiresRestart !== undefined && { requiresRestart }),
    ...(options.default !== undefined && { default: options.default }),
  };
  if (options.default !== undefined) {
    const parsed = setting.parse(setting.format(options.default));
    if (!parsed.ok) throw new TypeError(`The default of this ${setting.type} ${parsed.problem}.`);
  }
  return setting;
}

/** Those of the options that were given. */
export function given(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

export function accept<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** @param problem the end of a sentence that begins with the value: `must be at least 1`. */
export function refuse(problem: string): Parsed<never> {
  return { ok: false, problem };
}
