import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { RequestError } from '../errors.ts';
import type { Access } from './access.ts';
import { IDLE_MS } from './access-list.ts';
import type { Grant } from './access-list.ts';
import type { Session } from './access-records.ts';
import { changePassword, getSession, signInToSession, signOut } from './access-replies.ts';
import { newPasswordBody, signInBody } from './access-schemas.ts';
import { grantOf } from './authenticate.ts';
import { assertNoOtherSite } from './cross-site.ts';
import type { KnownHosts } from './known-hosts.ts';
import { isoTime, rightsJson } from './rights-json.ts';
import { NO_SESSION_COOKIE, sessionCookie, sessionTokenOf } from './session-cookie.ts';
import type { Visitor } from './sign-in.ts';

/** `/api/v1/session`: signing in and out, and who one is. */
export function sessionRoutes({ list, sessions, signIn }: Access, hosts: KnownHosts): FastifyPluginAsyncZod {
  return async (app) => {
    const forEverybody = { config: { role: 'viewer' } } as const;

    app.post(
      '/api/v1/session',
      {
        config: { isPublic: true },
        onRequest: async (request) => assertNoOtherSite(request, hosts),
        schema: { ...signInToSession, body: signInBody },
      },
      async (request, reply) => {
        const { body } = request;
        const visitor = visitorOf(request);
        const token =
          'token' in body
            ? await signIn.withLink(body.token, body.username, body.password, visitor)
            : await signIn.withPassword(body.username, body.password, visitor);
        const grant = list.bySession(token);
        // Revoked by another server, in this moment.
        if (grant === null) throw new RequestError('internal', 'The session was ended at once. Sign in again.');
        return sendFresh(reply, sessionCookie(token), grantJson(grant));
      },
    );

    app.get('/api/v1/session', { ...forEverybody, schema: getSession }, async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return grantJson(grantOf(request));
    });

    app.delete('/api/v1/session', { ...forEverybody, schema: signOut }, async (request, reply) => {
      await sessions.end(ownSession(request).id);
      return sendFresh(reply, NO_SESSION_COOKIE, { message: 'Signed out' });
    });

    app.post(
      '/api/v1/session/password',
      { ...forEverybody, schema: { ...changePassword, body: newPasswordBody } },
      async (request) => {
        const { id } = ownSession(request);
        const { current_password: old, new_password: wanted } = request.body;
        const { name } = grantOf(request).principal;
        await signIn.changePassword(name, { old, new: wanted }, { id, address: request.ip });
        return { message: 'Password changed. All other sessions are signed out.' };
      },
    );
  };
}

function visitorOf({ ip, headers }: FastifyRequest): Visitor {
  return { address: ip, userAgent: headers['user-agent'] ?? null, previous: sessionTokenOf(headers) };
}

function ownSession(request: FastifyRequest): Session {
  const { session } = grantOf(request);
  if (session !== null) return session;
  throw new RequestError('request_invalid', 'This is for people who signed in: an API key has no session.');
}

function sendFresh(reply: FastifyReply, cookie: string, body: object): FastifyReply {
  return reply.header('cache-control', 'no-store').header('set-cookie', cookie).send(body);
}

function grantJson({ principal, session, expiresAtMs, lastUsedAtMs }: Grant): object {
  const { id, name } = principal;
  return {
    kind: session === null ? 'key' : 'user',
    id,
    name,
    ...rightsJson(principal),
    expires_at: isoTime(expiresAtMs),
    session_id: session?.id ?? null,
    idle_expires_at: session === null ? null : isoTime((lastUsedAtMs ?? session.lastSeenAtMs) + IDLE_MS),
  };
}
