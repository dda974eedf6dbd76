import { StoreUnavailableError } from '@mutt/dynamic-config';
import type { DynamicConfig } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { headJson, snapshotJson } from './json-shapes.ts';

/** What other instances keep current by (`HttpStore`): where the namespace stands, and all of it. */
export function replicaRoutes(config: DynamicConfig): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/api/v1/head', async () => {
      assertCurrent(config);
      return headJson(config.head);
    });
    app.get('/api/v1/snapshot', async () => {
      assertCurrent(config);
      return snapshotJson(config.snapshot());
    });
  };
}

/** An instance takes these for proof that it is current, so a server that isn't must not give it. */
function assertCurrent(config: DynamicConfig): void {
  const { state, lastError } = config.status();
  if (state === 'live' || state === 'polling') return;
  throw new StoreUnavailableError(
    'The server is cut off from its store, so it cannot tell what is current. Try again.',
    {
      cause: lastError,
    },
  );
}
