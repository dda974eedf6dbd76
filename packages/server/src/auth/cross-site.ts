import { AccessDeniedError } from '@mutt/dynamic-config';
import type { FastifyRequest } from 'fastify';
import type { KnownHosts } from './known-hosts.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A browser sends the session cookie whoever made it send the request. So whatever comes with a cookie must come from
 * the server's own pages, under a name of its own.
 *
 * @throws AccessDeniedError
 */
export function assertOwnPage(request: FastifyRequest, hosts: KnownHosts): void {
  assertKnownHost(request, hosts);
  if (SAFE_METHODS.has(request.method)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin === undefined && site === undefined) {
    refuse('A change that comes with a session cookie needs the header Origin, as browsers send it.');
  }
  assertSameOrigin(request, hosts);
  assertJson(request);
}

/**
 * The same for signing in, which no cookie protects yet: no other site may sign somebody in as somebody else. Programs,
 * which send neither header, may.
 *
 * @throws AccessDeniedError
 */
export function assertNoOtherSite(request: FastifyRequest, hosts: KnownHosts): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined || site !== undefined) assertKnownHost(request, hosts);
  assertSameOrigin(request, hosts);
  assertJson(request);
}

function assertKnownHost({ headers }: FastifyRequest, hosts: KnownHosts): void {
  if (hosts.knows(headers.host)) return;
  refuse('The server is not known under this name (header Host). Tell it its address with MUTT_PUBLIC_URL.');
}

function assertSameOrigin({ headers }: FastifyRequest, hosts: KnownHosts): void {
  const { origin, 'sec-fetch-site': site } = headers;
  const isOwn = origin === undefined || hosts.isOwnOrigin(origin, headers.host);
  if (isOwn && (site === undefined || site === 'same-origin')) return;
  refuse('This request comes from another site: its Origin is not the address of this server.');
}

/** A form of another site can send text, and what it looks like, but no JSON. */
function assertJson({ headers }: FastifyRequest): void {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === undefined ? hasBody : type !== 'application/json') {
    refuse('Send JSON, with the header Content-Type: application/json.');
  }
}

function refuse(why: string): never {
  throw new AccessDeniedError('forbidden', why);
}
