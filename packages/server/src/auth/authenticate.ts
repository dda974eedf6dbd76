import { AccessDeniedError } from '@mutt/dynamic-config';
import type { FastifyRequest } from 'fastify';
import type { WallClock } from '../wall-clock.ts';
import { addressGroup } from './address-group.ts';
import type { AccessList, Grant } from './access-list.ts';
import { isUnguessable } from './api-key.ts';
import { assertOwnPage } from './cross-site.ts';
import { FailureLimit } from './failure-limit.ts';
import type { KnownHosts } from './known-hosts.ts';
import { hasRole } from './principal.ts';
import type { Principal, Role } from './principal.ts';
import { sessionTokenOf } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without an API key or a session. */
    isPublic?: boolean;
    /** Who may ask. By default everybody who was let in may read, and editors may do all the rest. */
    role?: Role;
  }
}

const WRONG_KEYS = { free: 20, everyMs: 5_000, mostSubjects: 10_000 };

/** By what a request was let in. */
const grants = new WeakMap<FastifyRequest, Grant>();

export interface GateOptions {
  readonly list: AccessList;
  readonly hosts: KnownHosts;
  readonly clock: Pick<WallClock, 'now'>;
}

/** Lets requests in, or not: before their body is read, and before anybody looks whether their path exists. */
export class Gate {
  readonly #options: GateOptions;
  readonly #wrongKeys: FailureLimit;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#wrongKeys = new FailureLimit(WRONG_KEYS, options.clock);
  }

  /** @throws AccessDeniedError, TooManyRequestsError */
  letIn(request: FastifyRequest): void {
    const { isPublic = false, role = usualRole(request.method) } = request.routeOptions.config ?? {};
    if (isPublic) return;
    const presented = request.headers['x-api-key'];
    const grant =
      presented === undefined
        ? this.#bySession(request)
        : this.#byKey(request, Array.isArray(presented) ? presented.join() : presented);
    if (!hasRole(grant.principal, role)) {
      const { name, role: own } = grant.principal;
      throw new AccessDeniedError('forbidden', `This takes the role ${role}, and ${name} has the role ${own}.`);
    }
    grants.set(request, grant);
  }

  #bySession(request: FastifyRequest): Grant {
    const token = sessionTokenOf(request.headers);
    const grant = token === null ? null : this.#options.list.bySession(token);
    if (grant === null) {
      throw new AccessDeniedError(
        'unauthorized',
        token === null
          ? 'An API key is needed: send it in the header X-API-Key. Or sign in.'
          : 'This session is over. Sign in again.',
      );
    }
    assertOwnPage(request, this.#options.hosts);
    return grant;
  }

  #byKey({ ip }: FastifyRequest, presented: string): Grant {
    const { list } = this.#options;
    // A program that somebody signed in with sends the token of the session: no browser does, so no other site can.
    const grant = list.byKey(presented) ?? list.bySession(presented);
    // Never held back, or whoever shares an address with somebody who guesses would be shut out.
    if (grant !== null && (grant.session !== null || isUnguessable(presented))) return grant;
    const takeBack = this.#wrongKeys.attempt(addressGroup(ip));
    if (grant === null)
      throw new AccessDeniedError(
        'unauthorized',
        'The API key in the header X-API-Key is unknown, or its session is over.',
      );
    takeBack();
    return grant;
  }
}

/** By what a request was let in: an API key or a session. */
export function grantOf(request: FastifyRequest): Grant {
  const grant = grants.get(request);
  // Only a route that is public by mistake gets here.
  if (grant === undefined) throw new Error('A request without a known sender.');
  return grant;
}

/** Who sent a request; null: nobody who was let in. */
export function senderOf(request: FastifyRequest): Principal | null {
  return grants.get(request)?.principal ?? null;
}

/** Who sent a request that was let in. */
export function principalOf(request: FastifyRequest): Principal {
  return grantOf(request).principal;
}

/** Whose change this is. */
export function authorOf(request: FastifyRequest): string {
  return principalOf(request).name;
}

function usualRole(method: string): Role {
  return method === 'GET' || method === 'HEAD' ? 'viewer' : 'editor';
}
