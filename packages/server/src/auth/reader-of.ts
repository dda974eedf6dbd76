import { AccessDeniedError } from '@mutt/dynamic-config';
import type { FastifyRequest } from 'fastify';
import { principalOf } from './authenticate.ts';
import type { Principal } from './principal.ts';
import { withoutSecrets } from './visibility.ts';

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
