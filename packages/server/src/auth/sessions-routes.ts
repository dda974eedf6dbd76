import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { RequestError } from '../errors.ts';
import type { Access } from './access.ts';
import type { Session } from './access-records.ts';
import { endSession, listSessions } from './access-replies.ts';
import { idParams } from './access-schemas.ts';
import { grantOf, principalOf } from './authenticate.ts';
import { isUnlimited } from './principal.ts';
import { isoTime } from './rights-json.ts';

/** `/api/v1/sessions`: who is signed in, and from where: one's own, and for admins everybody's. */
export function sessionsRoutes({ list, sessions }: Access): FastifyPluginAsyncZod {
  const visibleTo = (request: FastifyRequest): readonly Session[] => {
    const principal = principalOf(request);
    return list.sessions().filter(({ userId }) => isUnlimited(principal) || userId === principal.id);
  };
  return async (app) => {
    app.get('/api/v1/sessions', { schema: listSessions }, async (request) => {
      const names = new Map(list.records.users.map(({ id, name }) => [id, name]));
      const current = grantOf(request).session?.id;
      const all = visibleTo(request).map(({ id, userId, ...session }) => ({
        id,
        user: names.get(userId),
        is_current: id === current,
        created_at: isoTime(session.createdAtMs),
        last_seen_at: isoTime(session.lastSeenAtMs),
        expires_at: isoTime(session.expiresAtMs),
        address: session.address,
        user_agent: session.userAgent,
      }));
      return { sessions: all, count: all.length };
    });

    app.delete(
      '/api/v1/sessions/:id',
      { config: { role: 'viewer' }, schema: { ...endSession, params: idParams } },
      async (request) => {
        const { id } = request.params;
        if (!visibleTo(request).some((session) => session.id === id)) {
          throw new RequestError('not_found', `There is no session ${id}.`);
        }
        await sessions.end(id);
        return { message: `Session ended: ${id}` };
      },
    );
  };
}
