import { AccessDeniedError } from '@mutt/dynamic-config';
import type { FastifyRequest } from 'fastify';
import type { ApiKey } from './api-key.ts';
import type { Keyring } from './keyring.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without an API key. */
    isPublic?: boolean;
  }
}

/** Who sent the request. */
const keyOf = new WeakMap<FastifyRequest, ApiKey>();

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
  keyOf.set(request, key);
}

/** Whose change this is. */
export function authorOf(request: FastifyRequest): string {
  const key = keyOf.get(request);
  // Only a route that is public by mistake gets here.
  if (key === undefined) throw new Error('A change without a known author.');
  return key.name;
}
