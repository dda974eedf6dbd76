import { createHash } from 'node:crypto';
import { isKey } from './change-set.ts';
import { InvalidOptionError } from './errors.ts';
import { isKnownType, settingOf } from './settings/description.ts';
import { isTooDeep, TOO_DEEP } from './settings/parse-json.ts';
import type { Registration, Registrations, SeenRegistration, SettingDescription } from './store.ts';

/** Most registrations that a namespace keeps: the latest. */
export const MOST_REGISTRATIONS = 200;
/** How long one is kept that no instance renews, in milliseconds: 30 days. */
export const KEEP_REGISTRATION_MS = 30 * 24 * 60 * 60 * 1000;
const MAX_BYTES = 1024 * 1024;
const MAX_NAME_LENGTH = 128;

/** A registration as stores keep it: text, and what tells it from others. */
export interface RegistrationText {
  readonly id: string;
  readonly text: string;
}

/** @throws InvalidOptionError */
export function encodeRegistration(registration: Registration): RegistrationText {
  assertName('service', registration.service);
  if (registration.version !== '') assertName('version', registration.version);
  const text = JSON.stringify(registrationJson(registration));
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new InvalidOptionError(
      'The settings of a service are described in at most 1 MiB: shorten their descriptions.',
    );
  }
  return { id: createHash('sha1').update(text).digest('hex'), text };
}

/** What a store keeps of one. */
export interface StoredRegistration {
  readonly text: string;
  readonly registeredAtMs: number;
  readonly seenAtMs: number;
}

/** What is too old, or no registration, is left out. */
export function decodeRegistrations(nowMs: number, stored: Iterable<StoredRegistration>): Registrations {
  const registrations: SeenRegistration[] = [];
  for (const { text, registeredAtMs, seenAtMs } of stored) {
    const registration = nowMs - seenAtMs > KEEP_REGISTRATION_MS ? null : decode(text);
    if (registration !== null) registrations.push({ ...registration, registeredAtMs, seenAtMs });
  }
  return { nowMs, registrations };
}

/** Of texts that were read before: most of them are read again and again. */
const decoded = new Map<string, Registration | null>();

function decode(text: string): Registration | null {
  const known = decoded.get(text);
  const registration = known === undefined ? tryToRead(text) : known;
  // The latest go last.
  decoded.delete(text);
  decoded.set(text, registration);
  if (decoded.size > MOST_REGISTRATIONS) decoded.delete(decoded.keys().next().value ?? '');
  return registration;
}

function tryToRead(text: string): Registration | null {
  try {
    return readRegistration(JSON.parse(text));
  } catch {
    return null;
  }
}

/** As stores keep it, and the server's API has it. */
export function registrationJson({ service, version, settings }: Registration): Record<string, unknown> {
  const described = Object.entries(settings).map(([key, description]) => [key, descriptionJson(description)] as const);
  return { service, version, settings: Object.fromEntries(described) };
}

export function descriptionJson({
  jsonSchema,
  requiresRestart,
  isSecret,
  ...rest
}: SettingDescription): Record<string, unknown> {
  return { ...rest, json_schema: jsonSchema, requires_restart: requiresRestart, secret: isSecret };
}

/**
 * Checks what somebody declares, as `registrationJson` writes it.
 *
 * @throws InvalidOptionError
 */
export function toRegistration(json: unknown): Registration {
  if (isTooDeep(json)) throw new InvalidOptionError(`A registration ${TOO_DEEP}.`);
  const registration = readRegistration(json);
  for (const [key, description] of Object.entries(registration.settings)) assertRule(key, description);
  return registration;
}

/** What another version of this library may understand is left to it. */
function assertRule(key: string, description: SettingDescription): void {
  if (!isKnownType(description.type)) return;
  try {
    settingOf(description);
  } catch (cause) {
    const why = (cause as Error).message.replace(/\.?$/, '.');
    throw new InvalidOptionError(`The rule of ${key} makes no sense: ${why}`, { cause });
  }
}

/**
 * Reads what a namespace keeps. Rules that make no sense are read, too: what they are of may be secret.
 *
 * @throws InvalidOptionError
 */
export function readRegistration(json: unknown): Registration {
  const { service, version, settings } = record('A registration', json);
  assertName('service', service);
  if (version !== '') assertName('version', version);
  const described = Object.entries(record('settings', settings)).map(([key, description]) => {
    if (!isKey(key)) throw new InvalidOptionError(`The setting ${JSON.stringify(key)} has no name for a key.`);
    return [key, toDescription(key, record(`The setting ${key}`, description))] as const;
  });
  return { service, version, settings: Object.fromEntries(described) };
}

function toDescription(key: string, json: Record<string, unknown>): SettingDescription {
  const text = (name: string): string | null => {
    const value = json[name] ?? null;
    if (value === null || typeof value === 'string') return value;
    throw new InvalidOptionError(`The ${name} of the setting ${key} must be text.`);
  };
  const type = text('type');
  if (type === null) throw new InvalidOptionError(`The setting ${key} has no type.`);
  return {
    type,
    rule: record(`The rule of ${key}`, json['rule'] ?? {}),
    jsonSchema: record(`The json_schema of ${key}`, json['json_schema'] ?? {}),
    default: text('default'),
    description: text('description'),
    unit: text('unit'),
    deprecated: text('deprecated'),
    requiresRestart: json['requires_restart'] === true,
    isSecret: json['secret'] === true,
  };
}

function record(what: string, json: unknown): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new InvalidOptionError(`${what} must be an object.`);
}

function assertName(what: string, name: unknown): asserts name is string {
  if (typeof name === 'string' && name.length > 0 && name.length <= MAX_NAME_LENGTH && /^[\x20-\x7e]+$/.test(name))
    return;
  throw new InvalidOptionError(`The ${what} must be 1 to ${MAX_NAME_LENGTH} printable ASCII characters.`);
}
