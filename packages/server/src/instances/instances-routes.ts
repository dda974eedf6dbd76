import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { principalOf } from '../auth/authenticate.ts';
import { ConnectedInstances } from './connected-instances.ts';
import type { ConnectedInstancesOptions, Instance } from './connected-instances.ts';
import { listInstances } from './instances-replies.ts';

/** `/api/v1/instances`: who is running what. */
export function instancesRoutes(options: ConnectedInstancesOptions): FastifyPluginAsyncZod {
  const connected = new ConnectedInstances(options);
  return async (app) => {
    app.get('/api/v1/instances', { schema: listInstances }, async (request) => {
      const { instances, count, otherSubscribers, people, incomplete } = await connected.current();
      const seesWhere = principalOf(request).keyPatterns === null;
      return {
        instances: instances.map((instance) => instanceJson(instance, seesWhere)),
        count,
        other_subscribers: otherSubscribers,
        people,
        ...(incomplete !== null && { incomplete }),
      };
    });
  };
}

/** @param seesWhere false: they see some keys only, and where things run is not their business either. */
function instanceJson({ connectedAtMs, apiKey, ...instance }: Instance, seesWhere: boolean): Record<string, unknown> {
  const { id, service, version, host, pid, address, via } = instance;
  const where = seesWhere ? { host, pid, address, api_key: apiKey } : WITHHELD;
  return { id, service, version, ...where, connected_at: new Date(connectedAtMs).toISOString(), via };
}

const WITHHELD = { host: null, pid: null, address: null, api_key: null };
