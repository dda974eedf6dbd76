import { isKey, KEY_RULE } from '../change-set.ts';
import { InvalidOptionError } from '../errors.ts';
import { fromStandardSchema, isStandardSchema } from './standard-schema.ts';
import type { StandardSchema } from './standard-schema.ts';
import type { Setting } from './setting.ts';

/** What a key may be declared as: by a builder of this library, or by any validator that follows Standard Schema. */
// oxlint-disable-next-line no-explicit-any -- a setting of whatever it holds
export type Declaration = Setting<any> | StandardSchema;

/** Settings by key, as they are given to `connect`. */
export type Settings = Readonly<Record<string, Declaration>>;

/** What the values of a declaration are. */
export type ValueOf<D extends Declaration> =
  D extends Setting<infer T> ? T : D extends StandardSchema<infer Output> ? Output : never;

/** Values by key, as they are declared. */
export type ValuesOf<S extends Settings> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** @throws InvalidOptionError */
export function toSettings(settings: Settings): ReadonlyMap<string, Setting<unknown>> {
  const all = new Map<string, Setting<unknown>>();
  for (const [key, declaration] of Object.entries(settings)) {
    if (!isKey(key))
      throw new InvalidOptionError(`The setting ${JSON.stringify(key)} has no name for a key: ${KEY_RULE}.`);
    if (isStandardSchema(declaration)) all.set(key, fromStandardSchema(declaration));
    else if (isSetting(declaration)) all.set(key, declaration);
    else {
      throw new InvalidOptionError(
        `The setting ${key} is declared by neither a builder (integer(), text(), …) nor a Standard Schema validator.`,
      );
    }
  }
  return all;
}

function isSetting(value: unknown): value is Setting<unknown> {
  return typeof value === 'object' && value !== null && 'parse' in value && 'format' in value && 'jsonSchema' in value;
}
