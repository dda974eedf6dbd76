import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { wallClock } from '../wall-clock.ts';
import type { WallClock } from '../wall-clock.ts';
import type { Access } from './access.ts';
import { keysRoutes } from './keys-routes.ts';
import type { KnownHosts } from './known-hosts.ts';
import { sessionRoutes } from './session-routes.ts';
import { sessionsRoutes } from './sessions-routes.ts';
import { usersRoutes } from './users-routes.ts';

export interface AccessRoutesOptions {
  readonly access: Access;
  readonly hosts: KnownHosts;
  readonly clock?: Pick<WallClock, 'now'>;
}

/** Who may do what, over HTTP. */
export function accessRoutes({ access, hosts, clock = wallClock }: AccessRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(keysRoutes(access, clock));
    await app.register(usersRoutes(access));
    await app.register(sessionRoutes(access, hosts));
    await app.register(sessionsRoutes(access));
  };
}
