/** Checks values against each other: each problem a sentence; none, when all is well. */
export type Validate = (values: never) => readonly string[];

/** Values by key as they are, or would be. */
export interface Values {
  get(key: string): unknown;
  has(key: string): boolean;
  keys(): Iterable<string>;
}

/**
 * What the rules of a service say of all values together. A rule that asks for a key without a value says nothing: it
 * cannot be told whether it holds. To ask whether there is one, `'key' in values`.
 */
export class CrossChecks {
  readonly #rules: readonly Validate[];
  readonly #declared: ReadonlySet<string>;

  constructor(rules: Validate | readonly Validate[] | undefined, declared: ReadonlySet<string>) {
    this.#rules = typeof rules === 'function' ? [rules] : (rules ?? []);
    this.#declared = declared;
  }

  /**
   * What is wrong with values that are to take the place of others; null: nothing that was not as wrong before. Never
   * throws.
   */
  problemWith(values: Values, instead: Values): string | null {
    const problems = this.#rules.flatMap((rule) => {
      const found = this.#problems(rule, values);
      // A change that mends half of what is wrong must be possible.
      return found.length === 0 || found.length <= this.#problems(rule, instead).length ? [] : found;
    });
    return problems.length === 0 ? null : problems.join(' ');
  }

  /** What is wrong with values; null: nothing. */
  problemOf(values: Values): string | null {
    const problems = this.#rules.flatMap((rule) => this.#problems(rule, values));
    return problems.length === 0 ? null : problems.join(' ');
  }

  #problems(rule: Validate, values: Values): readonly string[] {
    const seen = new View(values, this.#declared);
    let problems: readonly string[];
    try {
      problems = [...rule(seen.proxy as never)];
    } catch (error) {
      problems = [`The validation of all settings failed: ${error instanceof Error ? error.message : String(error)}`];
    }
    return seen.wasIncomplete ? [] : problems;
  }
}

/** Values as a rule sees them: an object by key, without a prototype. Nothing is copied. */
class View {
  wasIncomplete = false;
  readonly proxy: object;

  constructor(values: Values, declared: ReadonlySet<string>) {
    const read = (key: string | symbol): unknown => {
      if (typeof key === 'symbol') return undefined;
      if (declared.has(key) && !values.has(key)) this.wasIncomplete = true;
      return values.get(key);
    };
    this.proxy = new Proxy(Object.create(null) as object, {
      get: (_, key) => read(key),
      has: (_, key) => typeof key === 'string' && values.has(key),
      ownKeys: () => [...values.keys()],
      getOwnPropertyDescriptor: (_, key) =>
        typeof key === 'string' && values.has(key)
          ? { value: read(key), enumerable: true, configurable: true, writable: false }
          : undefined,
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
    });
  }
}

/** Values of which some are others; undefined: none. */
export class ChangedValues implements Values {
  readonly #values: Values;
  readonly #changed: ReadonlyMap<string, unknown>;

  constructor(values: Values, changed: ReadonlyMap<string, unknown>) {
    this.#values = values;
    this.#changed = changed;
  }

  get(key: string): unknown {
    return this.#changed.has(key) ? this.#changed.get(key) : this.#values.get(key);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  keys(): Iterable<string> {
    return new Set([...this.#values.keys(), ...this.#changed.keys()].filter((key) => this.has(key)));
  }
}
