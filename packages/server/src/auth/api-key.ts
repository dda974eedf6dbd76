import { createHash, randomBytes } from 'node:crypto';
import type { Role } from './principal.ts';

/** Makes keys easy to find for those who scan code and logs for secrets. */
const KEY_MARK = 'mutt_';

/** An API key as the server knows it: everything but the key itself. */
export interface ApiKey {
  readonly id: string;
  /** Recorded as the author of changes. */
  readonly name: string;
  readonly role: Role;
  readonly hash: Buffer;
}

/** A new key: 256 random bits. */
export function newApiKey(): string {
  return `${KEY_MARK}${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a key. A plain hash will do: nobody can guess 256 random bits. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
