import type { AppliedChange } from '../applied-change.ts';
import { assertChangeInputs, assertKey } from '../change-set.ts';
import type { ChangeInput } from '../change-set.ts';
import { InvalidChangeSetError, InvalidKeyError, InvalidOptionError } from '../errors.ts';
import { deepFreeze, isSameData } from './plain-data.ts';
import type { Setting } from './setting.ts';
import { readText, toStored } from './stored-text.ts';

/** A stored value that is not served: the instance keeps what it had, or the default. */
export interface InvalidSetting {
  readonly key: string;
  /** What is wrong with it, as a sentence. Never holds the value. */
  readonly problem: string;
  /** The revision at which it appeared; 0: a write past us that is not recorded, at least not yet. */
  readonly revision: number;
  /** Who wrote it; null: out of band. */
  readonly changedBy: string | null;
}

/** Checks values against each other: each problem a sentence; none, when all is well. */
export type Validate = (values: never) => readonly string[];

export interface SettingValuesOptions {
  readonly settings: ReadonlyMap<string, Setting<unknown>>;
  /** Called only while every setting has a value. */
  readonly validate?: Validate | undefined;
  /** Told of each value that is refused, once. */
  readonly onInvalid: (invalid: InvalidSetting) => void;
}

/** What a key would hold; undefined: nothing. */
interface Candidate {
  readonly change: AppliedChange;
  readonly value: unknown;
}

interface Refused extends InvalidSetting {
  /** A value that only the others speak against: it is tried again with whatever changes next. */
  readonly candidate: Candidate | null;
}

/**
 * The values of declared settings: parsed once, when they change, and never other than valid. What is refused leaves the
 * last good value, or the default, where it is.
 */
export class SettingValues {
  readonly #settings: ReadonlyMap<string, Setting<unknown>>;
  readonly #validate: Validate | undefined;
  readonly #onInvalid: (invalid: InvalidSetting) => void;
  readonly #values = new Map<string, unknown>();
  /** Of what is served, the text; none for a default. */
  readonly #texts = new Map<string, string>();
  readonly #refused = new Map<string, Refused>();
  #rejections = 0;

  /** @throws InvalidOptionError when the defaults do not go together. */
  constructor({ settings, validate, onInvalid }: SettingValuesOptions) {
    this.#settings = settings;
    this.#validate = validate;
    this.#onInvalid = onInvalid;
    for (const [key, setting] of settings) {
      if (setting.default !== undefined) this.#values.set(key, deepFreeze(setting.default));
    }
    const problem = this.problemWith([]);
    if (problem !== null) throw new InvalidOptionError(`The defaults do not go together: ${problem}`);
  }

  /** What is served. A setting without a default has no value until somebody sets one. */
  get values(): ReadonlyMap<string, unknown> {
    return this.#values;
  }

  /** Stored values that are not served. */
  get invalid(): readonly InvalidSetting[] {
    return [...this.#refused.values()].map(({ candidate: _, ...invalid }) => invalid);
  }

  /** How many values were refused so far. */
  get rejections(): number {
    return this.#rejections;
  }

  /** What is wrong with the values as a whole, had these keys these values (undefined: the default); null: nothing. */
  problemWith(changes: Iterable<readonly [key: string, value: unknown]>): string | null {
    const values = new Map(this.#values);
    for (const [key, value] of changes) put(values, key, value ?? this.#settings.get(key)?.default);
    if (this.#validate === undefined || values.size < this.#settings.size) return null;
    const byKey = Object.freeze(Object.assign(Object.create(null) as object, Object.fromEntries(values)));
    try {
      const problems = this.#validate(byKey as never);
      return problems.length === 0 ? null : problems.join(' ');
    } catch (error) {
      return `The validation of all settings failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /**
   * Changes with the text that is stored for each value.
   *
   * @throws InvalidKeyError, InvalidValueError, InvalidChangeSetError
   */
  toTexts(inputs: readonly ChangeInput[]): readonly ChangeInput[] {
    assertChangeInputs(inputs);
    const values = new Map<string, unknown>();
    const texts = inputs.map((input): ChangeInput => {
      const setting = this.#settings.get(input.key);
      if (setting === undefined) {
        assertKey(input.key);
        throw new InvalidKeyError(`The key ${input.key} is not among the settings given to connect.`);
      }
      const stored = 'delete' in input ? null : toStored(input.key, setting, input.value);
      values.set(input.key, stored?.value);
      return stored === null ? input : { ...input, value: stored.text };
    });
    const problem = this.problemWith(values);
    if (problem !== null) throw new InvalidChangeSetError(problem);
    return texts;
  }

  /**
   * Takes what changed in the store, and returns what changes in what is served.
   *
   * @param isChangeSet the changes belong together: all that can be read are taken, or none.
   */
  apply(changes: readonly AppliedChange[], isChangeSet: boolean): readonly AppliedChange<unknown>[] {
    const declared = changes.filter(({ key }) => this.#settings.has(key));
    if (declared.length === 0) return [];
    const before = new Map(this.#values);
    const textsBefore = new Map(this.#texts);
    const why = new Map<string, AppliedChange>();
    const take = (batch: readonly AppliedChange[]): void => {
      for (const { change } of this.#take(batch)) why.set(change.key, change);
    };
    const problem = isChangeSet ? null : this.#problemOf(declared);
    if (problem === null) take(declared);
    // What was found all at once came about change set by change set: the oldest first, one that does not fit is refused.
    else for (const batch of byRevision(declared)) take(batch);
    return [...why].flatMap(([key, change]) => {
      const [value, previousValue] = [this.#values.get(key), before.get(key)];
      // What a validator makes of a text may be anything, and two of it not comparable.
      if (this.#texts.get(key) === textsBefore.get(key) || isSameData(value, previousValue)) return [];
      return [{ ...change, value: value ?? null, previousValue: previousValue ?? null }];
    });
  }

  #problemOf(changes: readonly AppliedChange[]): string | null {
    const candidates = changes.flatMap(({ key, value }) => {
      const setting = this.#settings.get(key);
      const parsed = value === null || setting === undefined ? null : readText(setting, value);
      return parsed?.ok === false ? [] : [[key, parsed?.value] as const];
    });
    return this.problemWith(candidates);
  }

  /** Returns what was taken: of this batch, and what had been waiting for it. */
  #take(batch: readonly AppliedChange[]): readonly Candidate[] {
    const candidates: Candidate[] = [];
    for (const change of batch) {
      const candidate = this.#read(change);
      if (candidate !== null) candidates.push(candidate);
    }
    if (candidates.length === 0) return [];
    const waiting = [...this.#refused.values()].flatMap(({ candidate }) => candidate ?? []);
    const together = [...waiting, ...candidates];
    const problem = this.#problemWithAll(together);
    if (problem === null) return this.#serve(together);
    if (waiting.length > 0 && this.#problemWithAll(candidates) === null) return this.#serve(candidates);
    for (const candidate of candidates) this.#refuse(candidate.change, problem, candidate);
    return [];
  }

  /** What a change makes of its key; null, where that is refused. What was refused of the key before is forgotten. */
  #read(change: AppliedChange): Candidate | null {
    this.#refused.delete(change.key);
    const setting = this.#settings.get(change.key);
    if (setting === undefined) return null;
    if (change.value === null) return { change, value: setting.default };
    const parsed = readText(setting, change.value);
    if (parsed.ok) return { change, value: parsed.value };
    this.#refuse(change, `The value of ${change.key} ${parsed.problem}.`, null);
    return null;
  }

  #problemWithAll(candidates: readonly Candidate[]): string | null {
    return this.problemWith(candidates.map(({ change, value }) => [change.key, value]));
  }

  #serve(candidates: readonly Candidate[]): readonly Candidate[] {
    for (const { change, value } of candidates) {
      this.#refused.delete(change.key);
      put(this.#values, change.key, value);
      put(this.#texts, change.key, change.value ?? undefined);
    }
    return candidates;
  }

  #refuse({ key, revision, changedBy }: AppliedChange, problem: string, candidate: Candidate | null): void {
    const invalid = { key, problem, revision, changedBy };
    this.#refused.set(key, { ...invalid, candidate });
    this.#rejections += 1;
    this.#onInvalid(invalid);
  }
}

function put<T>(values: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) values.delete(key);
  else values.set(key, value);
}

function byRevision(changes: readonly AppliedChange[]): AppliedChange[][] {
  const batches = new Map<number, AppliedChange[]>();
  for (const change of changes.toSorted((a, b) => a.revision - b.revision)) {
    const batch = batches.get(change.revision);
    if (batch === undefined) batches.set(change.revision, [change]);
    else batch.push(change);
  }
  return [...batches.values()];
}
