import { AccessDeniedError } from '@mutt/dynamic-config';
import type { FastifyRequest } from 'fastify';
import { principalOf } from './authenticate.ts';
import type { Principal } from './principal.ts';
import { withoutSecrets } from './visibility.ts';

/** A page in a browser, by its cookie; programs, also those that somebody signed in with, send a key. */
export function isBrowser(request: FastifyRequest): boolean {
  return request.headers['x-api-key'] === undefined;
}

/**
 * Who reads where programs take values for what they are: those who may are told secrets there, and nobody keeps a record. A
 * page in a browser is told them only where it asks for them.
 */
export function programOf(request: FastifyRequest): Principal {
  const principal = principalOf(request);
  return isBrowser(request) ? withoutSecrets(principal) : principal;
}

/**
 * Who reads, with secrets only where they ask for them (`reveal=true`).
 *
 * @throws AccessDeniedError when they may not read any.
 */
export function readerOf(request: FastifyRequest, { reveal }: { reveal?: string | undefined }): Principal {
  const principal = principalOf(request);
  if (reveal !== 'true') return withoutSecrets(principal);
  if (principal.readsSecrets) return principal;
  throw new AccessDeniedError('forbidden', `${principal.name} may not read secret settings: leave out reveal=true.`);
}
