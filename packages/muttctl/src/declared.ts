import type { ConfigStore, DynamicConfig, Registrations, SettingsRegistry } from '@mutt/dynamic-config';
import { Failure } from './failure.ts';
import type { FailureCode } from './exit-codes.ts';
import { printNotice } from './output.ts';
import type { Target } from './target.ts';

/** How long what was read is taken for current, where changes follow one another. */
const FRESH_MS = 1_000;
/** The settings can be read, and what services declare of them cannot: an older server, or rights that are missing. */
const UNREADABLE: readonly FailureCode[] = ['store_refused', 'wrong_type', 'forbidden'];

/** Who can be asked what is declared. */
type Declaring = Pick<ConfigStore, 'registrations'>;

export interface DeclaredOptions {
  readonly json?: boolean;
  /** Show secrets as they are. */
  readonly reveal?: boolean;
}

interface Masking {
  readonly mask: string;
  readonly reveal: boolean;
  readonly isKnown: boolean;
}

/** What the services of the namespace declare, and what of their settings may be shown. */
export class Declared {
  readonly registry: SettingsRegistry;
  readonly #mask: string;
  readonly #reveal: boolean;
  readonly #isKnown: boolean;

  /** @param isKnown false: any value may be a secret. */
  constructor(registry: SettingsRegistry, { mask, reveal, isKnown }: Masking) {
    this.registry = registry;
    this.#mask = mask;
    this.#reveal = reveal;
    this.#isKnown = isKnown;
  }

  isSecret(key: string): boolean {
    return this.registry.secretKeys.has(key);
  }

  isMasked(key: string): boolean {
    return !this.#reveal && (!this.#isKnown || this.isSecret(key));
  }

  /** A value as it may be shown; null stays null. */
  shown<T extends string | null>(key: string, value: T): T | string {
    return value !== null && this.isMasked(key) ? this.#mask : value;
  }
}

/** Reads what is declared: nothing, with a notice, where that cannot be read; then everything is masked. */
export async function readDeclared(config: Declaring, options: DeclaredOptions): Promise<Declared> {
  return toDeclared(await readRegistrations(config, options), options);
}

/** What services say that they declare; null, with a notice, where that cannot be read. */
export async function readRegistrations(config: Declaring, options: DeclaredOptions): Promise<Registrations | null> {
  try {
    return await config.registrations();
  } catch (error) {
    const { code, message } = Failure.of(error);
    if (!UNREADABLE.includes(code)) throw error;
    const masked = options.reveal === true ? 'no value' : 'each value is masked (--reveal shows it), and none';
    printNotice(`What the services declare cannot be read, so that ${masked} is checked: ${message}`, {
      json: options.json === true,
      fields: { level: 'warn' },
    });
    return null;
  }
}

/** Reads what is declared, or fails. */
export async function readDeclaredStrictly(config: DynamicConfig, options: DeclaredOptions): Promise<Declared> {
  return toDeclared(await config.registrations(), options);
}

/**
 * Reads what is declared before something is written: a server checks that, too, but a Redis takes anything.
 *
 * @param options force: what cannot be checked is written all the same.
 */
export async function readDeclaredToWrite(
  config: DynamicConfig,
  { kind }: Pick<Target, 'kind'>,
  { force = false, ...options }: DeclaredOptions & { readonly force?: boolean | undefined },
): Promise<Declared> {
  return kind === 'server' || force ? readDeclared(config, options) : readDeclaredStrictly(config, options);
}

export async function toDeclared(
  registrations: Registrations | null,
  { reveal = false }: DeclaredOptions,
): Promise<Declared> {
  const { SECRET_MASK, SettingsRegistry } = await import('@mutt/dynamic-config');
  const known = registrations ?? { nowMs: 0, registrations: [] };
  const checks = mustCheck(known) ? (await import('./rule-checks.ts')).checks : undefined;
  return new Declared(new SettingsRegistry(known, checks), {
    mask: SECRET_MASK,
    reveal,
    isKnown: registrations !== null,
  });
}

/** True where there are rules that take a while to load what checks them. */
function mustCheck({ registrations }: Registrations): boolean {
  const descriptions = registrations.flatMap(({ settings }) => Object.values(settings));
  return descriptions.some(({ type, rule }) => ['json', 'schema', 'list'].includes(type) || 'pattern' in rule);
}

/** What is declared of some keys. */
export type DeclaredOf = (keys: readonly string[]) => Promise<Declared>;

/**
 * What is declared, as of a moment ago: services come while a command runs. It is read anew for a key that nobody had
 * declared. The last that could be read stays.
 */
export async function followDeclared(config: DynamicConfig, options: DeclaredOptions): Promise<DeclaredOf> {
  let declared = await readDeclared(config, options);
  let readAtMs = performance.now();
  return async (keys) => {
    const isKnown = keys.every((key) => declared.registry.get(key) !== undefined);
    if (isKnown && performance.now() - readAtMs < FRESH_MS) return declared;
    declared = await readDeclaredStrictly(config, options).catch(() => declared);
    readAtMs = performance.now();
    return declared;
  };
}
