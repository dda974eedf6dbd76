import { assertKey, formatValue } from './change-set.ts';
import type { ValueInput } from './change-set.ts';
import { InvalidOptionError } from './errors.ts';
import { accept } from './settings/setting.ts';
import type { Setting } from './settings/setting.ts';
import { canonicalText, toStored } from './settings/stored-text.ts';
import { SECRET_MASK } from './settings/text.ts';

/** Where the first value of a key comes from: the first of these that is there. */
export interface SeedSource {
  /** The value, whatever the environment says. */
  readonly value?: ValueInput;
  /** A variable of the environment; empty counts as not set. Default: the key's name, `CACHE_RELOAD_INTERVAL`. */
  readonly env?: string;
  /** Default: that of the setting. */
  readonly default?: ValueInput;
}

/** Sources by key. A bare value is a default. */
export type SeedMapping = Readonly<Record<string, SeedSource | ValueInput>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What becomes of a key. */
export interface SeedStep {
  readonly key: string;
  /**
   * `set`: it had no entry. `keep`: it has one, or holds this text already. `overwrite`: its entry is replaced (`force`).
   * `missing`: it has no entry, and nothing says which. `invalid`: the text is refused, so nothing is written at all.
   */
  readonly action: 'set' | 'keep' | 'overwrite' | 'missing' | 'invalid';
  /** Where `text` comes from; null: there is none. */
  readonly from: 'given' | 'environment' | 'default' | null;
  /** The variable of the environment that is asked. */
  readonly variable: string;
  /** What would be stored, if it is valid: canonical, and masked for a secret. */
  readonly text: string | null;
  /** What is stored, masked for a secret; null: there is no entry. */
  readonly current: string | null;
  /** Why an `invalid` text, or the one that a `keep` finds, is refused: sentences, without the value. */
  readonly problem: string | null;
  readonly isSecret: boolean;
}

export interface PlanOptions {
  readonly settings: ReadonlyMap<string, Setting<unknown>>;
  readonly mapping: SeedMapping;
  readonly env: Environment;
  readonly force: boolean;
  /** What else is wrong with a text for a key, as a sentence; null: nothing. */
  readonly check: (key: string, text: string) => string | null;
}

/** What keys hold. */
export interface Stored {
  /** undefined: nothing that is known. */
  get(key: string): string | undefined;
  /** True when there is an entry, known or not. */
  has(key: string): boolean;
}

/** A step, and the text that it writes: null, where it writes none. */
export interface PlannedStep {
  readonly step: SeedStep;
  readonly write: string | null;
}

/**
 * The variable of the environment that a key goes by: `cache_reload_interval` is `CACHE_RELOAD_INTERVAL`, `smtp.host` is
 * `SMTP_HOST`.
 */
export function envNameOf(key: string): string {
  return key.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/**
 * Decides what becomes of each key.
 *
 * @throws InvalidKeyError, InvalidOptionError
 */
export function planSeed(options: PlanOptions, stored: Stored): readonly PlannedStep[] {
  const keys = new Set([...options.settings.keys(), ...Object.keys(options.mapping)]);
  return [...keys].map((key) => planStep(key, options, stored));
}

function planStep(key: string, options: PlanOptions, stored: Stored): PlannedStep {
  const setting = options.settings.get(key);
  const found = find(key, sourceOf(key, options.mapping), setting, options);
  const current = stored.get(key) ?? null;
  const hasEntry = stored.has(key);
  const isSecret = setting?.isSecret ?? false;
  const step = (action: SeedStep['action'], problem: string | null): SeedStep => ({
    key,
    action,
    from: found.from,
    variable: found.variable,
    text: masked(found.text, isSecret),
    current: masked(current, isSecret),
    problem,
    isSecret,
  });
  const isKept = hasEntry && (!options.force || found.from === null || found.text === current);
  if (isKept) {
    const problem = current === null ? null : read(key, current, setting, options).problem;
    return { step: step('keep', problem), write: null };
  }
  if (found.from === null) return { step: step('missing', null), write: null };
  if (found.problem !== null) return { step: step('invalid', found.problem), write: null };
  return { step: step(hasEntry ? 'overwrite' : 'set', null), write: found.text };
}

function masked(text: string | null, isSecret: boolean): string | null {
  return text === null || !isSecret ? text : SECRET_MASK;
}

function sourceOf(key: string, mapping: SeedMapping): SeedSource {
  assertKey(key);
  const source = Object.hasOwn(mapping, key) ? mapping[key] : undefined;
  if (source === undefined) return {};
  if (source === null) throw new InvalidOptionError(`The source of ${key} is null: leave it out, or give a default.`);
  return typeof source === 'object' ? source : { default: source };
}

type Found = Pick<SeedStep, 'from' | 'variable' | 'text' | 'problem'>;

function find(key: string, source: SeedSource, setting: Setting<unknown> | undefined, options: PlanOptions): Found {
  const variable = source.env ?? envNameOf(key);
  const found = (from: Found['from'], name: string, value: unknown): Found => {
    const { text, problem } = read(key, value, setting, options);
    return { from, variable, text, problem: problem === null ? null : `${name} cannot be used: ${problem}` };
  };
  if (source.value !== undefined) return found('given', `What is given for ${key}`, source.value);
  const fromEnv = Object.hasOwn(options.env, variable) ? options.env[variable] : undefined;
  if (fromEnv) return found('environment', variable, fromEnv);
  if (source.default !== undefined) return found('default', `The default of ${key}`, source.default);
  if (setting?.default === undefined) return { from: null, variable, text: null, problem: null };
  try {
    return found('default', `The default of ${key}`, toStored(key, setting, setting.default).text);
  } catch (error) {
    // It is served, and nobody has to write it.
    const problem = `The default of ${key} cannot be written: ${(error as Error).message}`;
    return { from: 'default', variable, text: null, problem };
  }
}

/** What is stored for a value: canonical, where a setting says what that is. null: it is refused. */
function read(
  key: string,
  value: unknown,
  setting: Setting<unknown> | undefined,
  { check }: PlanOptions,
): { readonly text: string | null; readonly problem: string | null } {
  try {
    const given = formatValue(key, value);
    const canonical = setting === undefined ? accept(given) : canonicalText(setting, given);
    if (!canonical.ok) return { text: null, problem: `The value of ${key} ${canonical.problem}.` };
    const text = formatValue(key, canonical.value);
    const problem = check(key, text);
    return { text: problem === null ? text : null, problem };
  } catch (error) {
    return { text: null, problem: (error as Error).message };
  }
}
