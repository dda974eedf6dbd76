import { randomBytes } from 'node:crypto';
import type { Rights } from './principal.ts';
import { newSecretToken } from './secret-token.ts';

/** An API key as the server knows it: everything but the key itself. */
export interface ApiKey extends Rights {
  /** Public, and a part of the key. */
  readonly id: string;
  /** Recorded as the author of changes. */
  readonly name: string;
  readonly hash: Buffer;
  readonly createdAtMs: number;
  readonly createdBy: string | null;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
}

/** Keys that a server made. The mark makes them easy to find for those who scan code and logs for secrets. */
const MADE_HERE = /^mutt_(?:[0-9a-f]{16}_)?[\w-]{43}$/;

/** A new key: a public id, and 256 random bits. */
export function newApiKey(): { readonly id: string; readonly key: string } {
  const id = randomBytes(8).toString('hex');
  return { id, key: `mutt_${id}_${newSecretToken()}` };
}

/** Whether a key that was found to be right was made by a server, so that nobody can have guessed it. */
export function isUnguessable(key: string): boolean {
  return MADE_HERE.test(key);
}
