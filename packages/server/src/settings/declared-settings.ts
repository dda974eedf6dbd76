import { ConfigError, formatValue, InvalidValueError, SECRET_MASK, SettingsRegistry } from '@mutt/dynamic-config';
import type { Change, DynamicConfig, Registration, Registrations } from '@mutt/dynamic-config';
import { toValueInput } from '../config/request-value.ts';
import type { UnknownKeys } from '../options.ts';
import { checks } from './rule-checks.ts';

/** How long what was read of the declarations is taken for current. A change is checked by what is in memory. */
const FRESH_MS = 1_000;

/** Types of settings whose values may be arrays or objects. */
const WRITTEN_AS_JSON = ['json', 'schema', 'list'];

/** A value as it is stored, and whether that is another text than the one that was asked for. */
interface Text {
  readonly text: string;
  readonly isRewritten: boolean;
}

export interface DeclaredSettingsOptions {
  readonly config: DynamicConfig;
  /** Whether a key that no service declares may be set, while there are services that declare any. */
  readonly unknownKeys: UnknownKeys;
}

interface Known {
  readonly atMs: number;
  readonly registrations: Registrations;
  readonly registry: SettingsRegistry;
}

/** What the services of the namespace declare, and what writers are held to. */
export class DeclaredSettings {
  readonly #options: DeclaredSettingsOptions;
  #known: Promise<Known> | null = null;
  /** As it was known last; null: never yet. */
  #last: Known | null = null;
  /** What was asked for earlier lacks what was registered here since. */
  #registeredAtMs = -Infinity;

  constructor(options: DeclaredSettingsOptions) {
    this.#options = options;
  }

  async register(registration: Registration): Promise<void> {
    await this.#options.config.register(registration);
    this.#known = null;
    this.#registeredAtMs = performance.now();
  }

  async current(): Promise<Known> {
    const known = await this.#known?.catch(() => null);
    if (known != null && this.#isFresh(known)) return known;
    const reading = this.#read();
    this.#known = reading;
    return reading;
  }

  /**
   * Keys whose values are shown only to who asks for them. While the store is out of reach, what was known last counts.
   *
   * @throws ConfigError when nothing is known yet: better not to answer than to show a secret.
   */
  async secretKeys(): Promise<ReadonlySet<string>> {
    // Asked for with every value that is read.
    if (this.#last !== null && this.#isFresh(this.#last)) return this.#last.registry.secretKeys;
    try {
      return (await this.current()).registry.secretKeys;
    } catch (error) {
      if (this.#last === null || !(error instanceof ConfigError)) throw error;
      return this.#last.registry.secretKeys;
    }
  }

  /**
   * Checks changes by what is declared.
   *
   * @param isForced set them, whatever is declared.
   * @returns notices, as sentences.
   * @throws InvalidValueError when a value is refused, or its key is unknown and must not be.
   */
  async check(changes: readonly Pick<Change, 'key' | 'value'>[], isForced: boolean): Promise<readonly string[]> {
    const { registry } = await this.current();
    const notices: string[] = [];
    for (const { key, value } of changes) {
      if (value === null) continue;
      // Somebody read it masked, and would now write that over it.
      if (value === SECRET_MASK && registry.secretKeys.has(key)) {
        throw new InvalidValueError(
          `Invalid value for ${key}: ${SECRET_MASK} only stands for a secret that is not shown.`,
        );
      }
      const refused = registry.problemWith(key, value);
      const unknown = registry.unknownKey(key);
      const problem = refused ?? (this.#options.unknownKeys === 'refuse' ? unknown : null);
      if (problem !== null && !isForced) throw new InvalidValueError(problem);
      notices.push(...[refused, unknown].filter((one) => one !== null), ...registry.noticesOn(key));
    }
    return notices;
  }

  /**
   * A value that came as JSON, as the text that is to be stored. Arrays and objects are values of settings that are
   * written as JSON.
   *
   * @throws InvalidValueError
   */
  async textOf(key: string, value: unknown): Promise<Text> {
    const { registry } = await this.current();
    const isJson = WRITTEN_AS_JSON.includes(registry.get(key)?.description.type ?? '');
    const given = isJson && typeof value === 'object' ? JSON.stringify(value) : toValueInput(key, value);
    const asked = formatValue(key, given);
    const text = registry.canonical(key, asked);
    return { text, isRewritten: text !== asked };
  }

  async #read(): Promise<Known> {
    const atMs = performance.now();
    const registrations = await this.#options.config.registrations();
    const last = this.#last?.registry;
    const registry = last?.isOf(registrations) === true ? last : new SettingsRegistry(registrations, checks);
    this.#last = { atMs, registrations, registry };
    return this.#last;
  }

  #isFresh({ atMs }: Known): boolean {
    return atMs > this.#registeredAtMs && performance.now() - atMs < FRESH_MS;
  }
}
