import type { Registration, Registrations, SeenRegistration, SettingDescription } from '../store.ts';
import { settingOf } from './description.ts';
import type { JsonSchemaCheck } from './description.ts';
import type { Setting } from './setting.ts';
import { isSatisfiable } from './satisfiable.ts';
import type { Declared } from './satisfiable.ts';

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

/** Where it is not known, any JSON will do. */
const ANY_JSON: JsonSchemaCheck = () => null;

type Candidate = Declared & Declarer & { readonly description: SettingDescription };

/**
 * What the services of a namespace declare, all together. A writer is held to all declarations of a key: of what runs,
 * and of the latest version of what does not. Where no value suits all of them, the newest count, and the conflict is
 * named.
 */
export class SettingsRegistry {
  readonly #settings = new Map<string, Ruled>();

  /** @param checkJson what checks values by a JSON Schema; without it, any JSON is valid for a `json`. */
  constructor(registrations: Registrations, checkJson: JsonSchemaCheck = ANY_JSON) {
    const byKey = new Map<string, Candidate[]>();
    for (const { service, version, settings } of inForce(registrations)) {
      for (const [key, description] of Object.entries(settings)) {
        const setting = tryToMake(description, checkJson);
        if (setting === null) continue;
        const candidate = { service, version, description, setting };
        const others = byKey.get(key);
        if (others === undefined) byKey.set(key, [candidate]);
        else others.push(candidate);
      }
    }
    for (const key of [...byKey.keys()].toSorted()) this.#settings.set(key, toRuled(key, byKey.get(key) ?? []));
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

  /** What is wrong with a text for a key, as a sentence that names who says so; null: nothing, or nobody declares it. */
  problemWith(key: string, text: string): string | null {
    for (const { setting, ...declarer } of this.#settings.get(key)?.rules ?? []) {
      const parsed = setting.parse(text);
      if (!parsed.ok) return `The value of ${key} ${parsed.problem} (declared by ${nameOf(declarer)}).`;
    }
    return null;
  }
}

/** null for what another version of this library may understand. */
function tryToMake(description: SettingDescription, checkJson: JsonSchemaCheck): Setting<unknown> | null {
  try {
    return settingOf(description, checkJson);
  } catch {
    return null;
  }
}

function nameOf({ service, version }: Declarer): string {
  return version === '' ? service : `${service} ${version}`;
}

/** @param candidates at least one, the newest first. */
function toRuled(key: string, candidates: readonly Candidate[]): Ruled {
  const rules: Candidate[] = [];
  let conflict: string | null = null;
  for (const candidate of candidates) {
    if (isSatisfiable([...rules, candidate])) rules.push(candidate);
    else conflict ??= describeConflict(rules, candidate);
  }
  const declaredBy = candidates.map(({ service, version }) => ({ service, version }));
  return { key, rules, description: descriptionOf(candidates), declaredBy, conflict };
}

function descriptionOf(candidates: readonly Candidate[]): SettingDescription {
  const { description } = candidates[0] as Candidate;
  const isSecret = candidates.some((one) => one.description.isSecret);
  return isSecret ? { ...description, isSecret, default: null } : description;
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
