import type { Registration, Registrations, SeenRegistration, SettingDescription } from '../store.ts';
import { settingOf } from './description.ts';
import { PLAIN_CHECKS } from './rule-checks.ts';
import type { RuleChecks } from './rule-checks.ts';
import { isSatisfiable } from './satisfiable.ts';
import type { Declared } from './satisfiable.ts';
import { canonicalText, readText } from './stored-text.ts';

/** A service runs when an instance of it said so within this time: three times as long as they wait between. */
const RUNS_MS = 15 * 60_000;

/** A version of a service that declares a key. */
export type Declarer = Pick<Registration, 'service' | 'version'>;

/** A key as the services of a namespace declare it. */
export interface RegisteredSetting {
  readonly key: string;
  /** What the newest of them says; secret, when any of them says so. */
  readonly description: SettingDescription;
  readonly declaredBy: readonly Declarer[];
  /** Why some of them are not held to: no value suits all. null: one does. */
  readonly conflict: string | null;
}

interface Ruled extends RegisteredSetting {
  readonly rules: readonly Candidate[];
}

interface Declaring extends Declarer {
  readonly description: SettingDescription;
}

type Candidate = Declared & Declaring;

/**
 * What the services of a namespace declare, all together. A writer is held to all declarations of a key: of what runs,
 * and of the latest version of what does not. Where no value suits all of them, the newest count, and the conflict is
 * named.
 */
export class SettingsRegistry {
  readonly #settings = new Map<string, Ruled>();
  readonly #basis: readonly unknown[];
  /** Keys that anybody who is still known has ever called secret. */
  readonly secretKeys: ReadonlySet<string>;

  /** @param checks `ruleChecks`, for what anybody may have declared; without them, any JSON is valid for a `json`. */
  constructor(registrations: Registrations, checks: RuleChecks = PLAIN_CHECKS) {
    this.#basis = basisOf(registrations);
    this.secretKeys = secretKeysOf(registrations);
    const byKey = new Map<string, Declaring[]>();
    for (const { service, version, settings } of inForce(registrations)) {
      for (const [key, description] of Object.entries(settings)) {
        const declaring = { service, version, description };
        const others = byKey.get(key);
        if (others === undefined) byKey.set(key, [declaring]);
        else others.push(declaring);
      }
    }
    for (const key of [...byKey.keys()].toSorted()) {
      this.#settings.set(key, toRuled(key, byKey.get(key) ?? [], { isSecret: this.secretKeys.has(key), checks }));
    }
  }

  /** True when these registrations come to the same: making this anew takes a while where there are many. */
  isOf(registrations: Registrations): boolean {
    const basis = basisOf(registrations);
    return basis.length === this.#basis.length && basis.every((one, n) => one === this.#basis[n]);
  }

  /** Sorted by key. */
  get settings(): readonly RegisteredSetting[] {
    return [...this.#settings.values()].map(({ rules: _, ...setting }) => setting);
  }

  get(key: string): RegisteredSetting | undefined {
    return this.#settings.get(key);
  }

  /** Said of a key that nobody declares, while somebody declares others; null: of no other. */
  unknownKey(key: string): string | null {
    return this.#settings.size === 0 || this.#settings.has(key) ? null : `No service declares the key ${key}.`;
  }

  /** What whoever sets a key should know of it, as sentences. */
  noticesOn(key: string): readonly string[] {
    const { deprecated, requiresRestart } = this.#settings.get(key)?.description ?? {};
    return [
      ...(deprecated ? [`${key} is deprecated: ${deprecated}`] : []),
      ...(requiresRestart ? [`${key} takes effect after a restart of its services.`] : []),
    ];
  }

  /** The text to store for a text: the one way to write what it means, for peers that compare texts. */
  canonical(key: string, text: string): string {
    const [newest] = this.#settings.get(key)?.rules ?? [];
    const canonical = newest && canonicalText(newest.setting, text);
    return canonical?.ok === true && this.problemWith(key, canonical.value) === null ? canonical.value : text;
  }

  /** What is wrong with a text for a key, as a sentence that names who says so; null: nothing, or nobody declares it. */
  problemWith(key: string, text: string): string | null {
    for (const { setting, ...declarer } of this.#settings.get(key)?.rules ?? []) {
      const parsed = readText(setting, text);
      if (!parsed.ok) return `The value of ${key} ${parsed.problem} (declared by ${nameOf(declarer)}).`;
    }
    return null;
  }
}

function nameOf({ service, version }: Declarer): string {
  return version === '' ? service : `${service} ${version}`;
}

/** What is declared, of all and of those that count. */
function basisOf(registrations: Registrations): readonly unknown[] {
  const settingsOf = (some: readonly SeenRegistration[]): readonly unknown[] => some.map(({ settings }) => settings);
  return [...settingsOf(registrations.registrations), null, ...settingsOf(inForce(registrations))];
}

interface Context {
  readonly isSecret: boolean;
  readonly checks: RuleChecks;
}

/** @param declaring at least one, the newest first. */
function toRuled(key: string, declaring: readonly Declaring[], { isSecret, checks }: Context): Ruled {
  const rules: Candidate[] = [];
  let conflict: string | null = null;
  for (const candidate of toCandidates(declaring, checks)) {
    if (isSatisfiable([...rules, candidate])) rules.push(candidate);
    else conflict ??= describeConflict(rules, candidate);
  }
  const { description } = declaring[0] as Declaring;
  return {
    key,
    rules,
    description: isSecret ? { ...description, isSecret, default: null } : description,
    declaredBy: declaring.map(({ service, version }) => ({ service, version })),
    conflict,
  };
}

/** Each rule once, by the newest that has it; without those that make no sense here: another version may know better. */
function toCandidates(declaring: readonly Declaring[], checks: RuleChecks): readonly Candidate[] {
  const candidates = new Map<string, Candidate | null>();
  /** Instances of one version, and of the next, mostly declare the same. */
  let last: SettingDescription | null = null;
  for (const one of declaring) {
    if (one.description === last) continue;
    last = one.description;
    const { type, rule, jsonSchema } = one.description;
    const id = JSON.stringify([type, rule, jsonSchema]);
    if (!candidates.has(id)) candidates.set(id, tryToMake(one, checks));
  }
  return [...candidates.values()].filter((one) => one !== null);
}

function tryToMake(declaring: Declaring, checks: RuleChecks): Candidate | null {
  try {
    return { ...declaring, setting: settingOf(declaring.description, checks) };
  } catch {
    return null;
  }
}

function secretKeysOf({ registrations }: Registrations): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { settings } of registrations) {
    for (const [key, { isSecret }] of Object.entries(settings)) if (isSecret) keys.add(key);
  }
  return keys;
}

function describeConflict(held: readonly Candidate[], refused: Candidate): string {
  const say = (one: Candidate): string =>
    `${nameOf(one)} (${one.description.type} ${JSON.stringify(one.description.rule)})`;
  return `No value suits both ${held.map(say).join(' and ')} and ${say(refused)}. Writers are held to the former.`;
}

/** Those that count, the newest first. */
function inForce({ nowMs, registrations }: Registrations): readonly SeenRegistration[] {
  const latest = new Map<string, SeenRegistration>();
  for (const one of registrations) {
    const seenAtMs = latest.get(one.service)?.seenAtMs ?? -Infinity;
    if (one.seenAtMs > seenAtMs) latest.set(one.service, one);
  }
  return registrations
    .filter((one) => nowMs - one.seenAtMs <= RUNS_MS || latest.get(one.service) === one)
    .toSorted((a, b) => b.registeredAtMs - a.registeredAtMs);
}
