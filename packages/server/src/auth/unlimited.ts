import { AccessDeniedError } from '@mutt/dynamic-config';
import type { FastifyRequest } from 'fastify';
import { principalOf } from './authenticate.ts';
import { isUnlimited } from './principal.ts';

/**
 * For routes by which somebody could get around the limits of their own rights.
 *
 * @throws AccessDeniedError
 */
export function assertUnlimited(request: FastifyRequest): void {
  const principal = principalOf(request);
  if (isUnlimited(principal)) return;
  throw new AccessDeniedError(
    'forbidden',
    `This takes an admin without limits: ${principal.name} does not see all keys and secrets.`,
  );
}
