import type { Role } from '../api/replies.ts';

export const ROLES: readonly { readonly role: Role; readonly may: string }[] = [
  { role: 'viewer', may: 'Read: settings, changes, the audit trail. See and end sessions of their own.' },
  { role: 'editor', may: 'Change values, too; roll back; declare settings.' },
  { role: 'admin', may: 'Manage API keys, users and everybody’s sessions, too; restore an emptied store.' },
];

/** A rule of the server: its length is what makes a password safe. */
export const SHORTEST_PASSWORD = 12;
export const PASSWORD_RULE = `At least ${SHORTEST_PASSWORD} characters; nothing else is asked of it.`;

/** The patterns in a text, which no blank or comma is part of; null: all keys. */
export function patternsIn(text: string): readonly string[] | null {
  const patterns = text.split(/[\s,]+/).filter((word) => word !== '');
  return patterns.length === 0 ? null : [...new Set(patterns)];
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/^muttctl/, 'muttctl'],
  [/^curl/, 'curl'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux|X11/, 'Linux'],
];
const MOST_SHOWN = 40;

/** What somebody signed in with, in a word or three. */
export function deviceIn(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'unknown';
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (browser === undefined) return userAgent.length > MOST_SHOWN ? `${userAgent.slice(0, MOST_SHOWN)}…` : userAgent;
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  return system === undefined ? browser : `${browser} on ${system}`;
}

export const LIFETIMES = ['30 days', '90 days', '1 year', 'Never', 'On a day …'] as const;
export type Lifetime = (typeof LIFETIMES)[number];

const DAYS: Readonly<Partial<Record<Lifetime, number>>> = { '30 days': 30, '90 days': 90, '1 year': 365 };
const DAY_MS = 86_400_000;

/**
 * When a key that is made now stops to work; null: never.
 *
 * @param day as a field for dates has it; the key works until that day begins.
 */
export function expiryOf(lifetime: Lifetime, day: string, nowMs: number): string | null {
  const days = DAYS[lifetime];
  if (days !== undefined) return new Date(nowMs + days * DAY_MS).toISOString();
  return lifetime === 'Never' || day === '' ? null : new Date(`${day}T00:00:00`).toISOString();
}
