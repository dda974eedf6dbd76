import { AccessDeniedError } from '@mutt/dynamic-config';
import type { FastifyRequest } from 'fastify';
import type { Keyring } from './keyring.ts';
import type { Principal } from './principal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without an API key. */
    isPublic?: boolean;
  }
}

/** Who sent the request. */
const principals = new WeakMap<FastifyRequest, Principal>();

/**
 * Lets a request in, or not: before its body is read, and before anybody looks whether its path exists.
 *
 * @throws AccessDeniedError
 */
export function authenticate(keyring: Keyring, request: FastifyRequest): void {
  if (request.routeOptions.config?.isPublic === true) return;
  const presented = request.headers['x-api-key'];
  const key = keyring.identify(Array.isArray(presented) ? presented.join() : presented);
  if (key === null) {
    throw new AccessDeniedError(
      'unauthorized',
      presented === undefined
        ? 'An API key is needed: send it in the header X-API-Key.'
        : 'The API key in the header X-API-Key is unknown.',
    );
  }
  principals.set(request, { id: key.id, name: key.name, role: key.role, keyPatterns: null, readsSecrets: true });
}

/** Who sent a request that was let in. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = principals.get(request);
  // Only a route that is public by mistake gets here.
  if (principal === undefined) throw new Error('A request without a known sender.');
  return principal;
}

/** Whose change this is. */
export function authorOf(request: FastifyRequest): string {
  return principalOf(request).name;
}
