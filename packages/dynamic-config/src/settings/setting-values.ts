import type { AppliedChange } from '../applied-change.ts';
import { assertChangeInputs, assertKey } from '../change-set.ts';
import type { ChangeInput } from '../change-set.ts';
import { InvalidChangeSetError, InvalidKeyError, InvalidOptionError } from '../errors.ts';
import { ChangedValues, CrossChecks } from './cross-checks.ts';
import type { Validate } from './cross-checks.ts';
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

export interface SettingValuesOptions {
  readonly settings: ReadonlyMap<string, Setting<unknown>>;
  /** A rule is asked while each key has a value that it asks for. */
  readonly validate?: Validate | readonly Validate[] | undefined;
  /** Told of each value that is refused, once. */
  readonly onInvalid: (invalid: InvalidSetting) => void;
}

/** What a key would hold; undefined: nothing. */
interface Candidate {
  readonly change: AppliedChange;
  readonly value: unknown;
  /** What it came with: the same for all of a change set. */
  readonly batch: readonly AppliedChange[];
}

/** What a key held; undefined: nothing, and of a default no text. */
interface Served {
  readonly value: unknown;
  readonly text: string | undefined;
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
  readonly #checks: CrossChecks;
  readonly #onInvalid: (invalid: InvalidSetting) => void;
  readonly #values = new Map<string, unknown>();
  /** Of what is served, the text; none for a default. */
  readonly #texts = new Map<string, string>();
  readonly #refused = new Map<string, Refused>();
  #rejections = 0;

  /** @throws InvalidOptionError when the defaults do not go together. */
  constructor({ settings, validate, onInvalid }: SettingValuesOptions) {
    this.#settings = settings;
    this.#checks = new CrossChecks(validate, new Set(settings.keys()));
    this.#onInvalid = onInvalid;
    for (const [key, setting] of settings) {
      if (setting.default !== undefined) this.#values.set(key, deepFreeze(setting.default));
    }
    const problem = this.#checks.problemOf(this.#values);
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

  /** Of keys whose stored value is refused, the text of what is served instead; none, where that is the default. */
  get lastGood(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#refused.keys()].flatMap((key) => {
        const text = this.#texts.get(key);
        return text === undefined ? [] : [[key, text] as const];
      }),
    );
  }

  /** How many values were refused so far. */
  get rejections(): number {
    return this.#rejections;
  }

  /** What is wrong with the values as a whole, had these keys these values (undefined: the default); null: nothing. */
  problemWith(changes: ReadonlyMap<string, unknown>): string | null {
    const changed = new Map<string, unknown>();
    for (const [key, value] of changes) changed.set(key, value ?? this.#settings.get(key)?.default);
    return this.#checks.problemWith(new ChangedValues(this.#values, changed), this.#values);
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

  /** Takes what a file holds: first what was served, so that it is what remains of what is refused. */
  resume(entries: readonly AppliedChange[], lastGood: ReadonlyMap<string, string>): void {
    this.apply(
      entries.map((entry) => ({ ...entry, value: lastGood.get(entry.key) ?? entry.value })),
      false,
    );
    this.apply(
      entries.filter(({ key }) => lastGood.has(key)),
      false,
    );
  }

  /**
   * Takes what changed in the store, and returns what changes in what is served.
   *
   * @param isChangeSet the changes belong together: all that can be read are taken, or none.
   */
  apply(changes: readonly AppliedChange[], isChangeSet: boolean): readonly AppliedChange<unknown>[] {
    const declared = changes.filter(({ key }) => this.#settings.has(key));
    if (declared.length === 0) return [];
    const taken: Candidate[] = [];
    const before = new Map<string, Served>();
    const take = (batch: readonly AppliedChange[]): void => void taken.push(...this.#take(batch, before));
    const problem = isChangeSet ? null : this.#problemOf(declared);
    if (problem === null) take(declared);
    // What was found all at once came about change set by change set: the oldest first, one that does not fit is refused.
    else for (const batch of byRevision(declared)) take(batch);
    const why = new Map(taken.map(({ change }) => [change.key, change]));
    return [...why].flatMap(([key, change]) => {
      const { value: previousValue, text } = before.get(key) ?? {};
      const value = this.#values.get(key);
      // What a validator makes of a text may be anything, and two of it not comparable.
      if (this.#texts.get(key) === text || isSameData(value, previousValue)) return [];
      return [{ ...change, value: value ?? null, previousValue: previousValue ?? null }];
    });
  }

  #problemOf(changes: readonly AppliedChange[]): string | null {
    const readable = changes.flatMap(({ key, value }) => {
      const setting = this.#settings.get(key);
      const parsed = value === null || setting === undefined ? null : readText(setting, value);
      return parsed?.ok === false ? [] : [[key, parsed?.value] as const];
    });
    return this.problemWith(new Map(readable));
  }

  /** Returns what was taken: of this batch, and what had been waiting for it. */
  #take(batch: readonly AppliedChange[], before: Map<string, Served>): readonly Candidate[] {
    const candidates = batch.flatMap((change) => this.#read(change, batch) ?? []);
    if (candidates.length === 0) return [];
    const waiting = this.#waiting();
    const fitting = [waiting.flat(), [], ...waiting].find((others) => this.#fit([...others, ...candidates]));
    if (fitting === undefined) {
      const problem = this.#problemWithAll(candidates) ?? '';
      for (const candidate of candidates) this.#refuse(candidate.change, problem, candidate);
      return [];
    }
    const taken = [...fitting, ...candidates];
    this.#serve(taken, before);
    // One may have waited for another.
    for (;;) {
      const next = this.#waiting().find((others) => this.#fit(others));
      if (next === undefined) return taken;
      this.#serve(next, before);
      taken.push(...next);
    }
  }

  /** What only others speak against: change set by change set, the oldest first. */
  #waiting(): readonly (readonly Candidate[])[] {
    const groups = new Map<unknown, Candidate[]>();
    for (const { candidate } of this.#refused.values()) {
      if (candidate === null) continue;
      const group = groups.get(candidate.batch);
      if (group === undefined) groups.set(candidate.batch, [candidate]);
      else group.push(candidate);
    }
    return [...groups.values()];
  }

  /** What a change makes of its key; null, where that is refused. What was refused of the key before is forgotten. */
  #read(change: AppliedChange, batch: readonly AppliedChange[]): Candidate | null {
    this.#refused.delete(change.key);
    const setting = this.#settings.get(change.key);
    if (setting === undefined) return null;
    if (change.value === null) return { change, value: setting.default, batch };
    const parsed = readText(setting, change.value);
    if (parsed.ok) return { change, value: parsed.value, batch };
    this.#refuse(change, `The value of ${change.key} ${parsed.problem}.`, null);
    return null;
  }

  #problemWithAll(candidates: readonly Candidate[]): string | null {
    return this.problemWith(new Map(candidates.map(({ change, value }) => [change.key, value])));
  }

  #fit(candidates: readonly Candidate[]): boolean {
    return this.#problemWithAll(candidates) === null;
  }

  /** @param before is told what each key held first. */
  #serve(candidates: readonly Candidate[], before: Map<string, Served>): void {
    for (const { change, value } of candidates) {
      const { key } = change;
      if (!before.has(key)) before.set(key, { value: this.#values.get(key), text: this.#texts.get(key) });
      this.#refused.delete(key);
      put(this.#values, key, value);
      put(this.#texts, key, change.value ?? undefined);
    }
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
