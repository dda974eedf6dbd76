import { StoreUnavailableError } from '@mutt/dynamic-config';
import type { DynamicConfig } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { FastifyRequest } from 'fastify';
import { programOf } from '../auth/reader-of.ts';
import { visibilityOf } from '../auth/visibility.ts';
import { snapshotQuery } from '../history/history-schemas.ts';
import type { PointName } from '../history/point.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';
import { getHead, getSnapshot } from './config-replies.ts';
import { headJson } from './json-shapes.ts';
import { snapshotJson } from './seen-json.ts';

/** Answers with what all keys held at a moment. */
export type PastSnapshot = (request: FastifyRequest, at: PointName, reveal: string | undefined) => Promise<unknown>;

export interface ReplicaRoutesOptions {
  readonly config: DynamicConfig;
  readonly declared: DeclaredSettings;
  /** Left out where there is no audit trail. */
  readonly past?: PastSnapshot | undefined;
}

/** What other instances keep current by (`HttpStore`): where the namespace stands, and all of it. */
export function replicaRoutes({ config, declared, past }: ReplicaRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/api/v1/head', { schema: getHead }, async () => {
      await assertCurrent(config);
      return headJson(config.head);
    });
    app.get('/api/v1/snapshot', { schema: { ...getSnapshot, querystring: snapshotQuery } }, async (request) => {
      const { at, reveal } = request.query;
      if (at !== undefined && past !== undefined) return past(request, at, reveal);
      const sight = visibilityOf(programOf(request), await declared.secretKeys());
      await assertCurrent(config);
      const lost = config.status().alarm?.keys.filter((key) => sight(key) === 'shown');
      return { ...snapshotJson(config.snapshot(), sight), ...(lost !== undefined && { lost }) };
    });
  };
}

/**
 * An instance takes these for proof that it is current, and may know more of the store by another way (its log, another
 * server): so they must be no older than the question.
 */
async function assertCurrent(config: DynamicConfig): Promise<void> {
  try {
    await config.prove();
  } catch (cause) {
    throw new StoreUnavailableError(
      'The server is cut off from its store, so it cannot tell what is current. Try again.',
      { cause },
    );
  }
}
