import { hash, randomBytes } from 'node:crypto';

/** 256 random bits, as text for a header, a cookie or a link. */
export function newSecretToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a token or a key. A plain hash will do: nobody can guess 256 random bits. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
