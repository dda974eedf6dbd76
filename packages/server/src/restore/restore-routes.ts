import type { DynamicConfig } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { authorOf } from '../auth/authenticate.ts';
import { reason } from '../config/request-schemas.ts';

const restoreBody = z.strictObject({ reason, accept_loss: z.boolean().optional() }).nullish();

/** `/api/v1/restore`: what to do about values that an emptied store lost and this server still holds. */
export function restoreRoutes(config: DynamicConfig): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/api/v1/restore', { schema: { body: restoreBody } }, async (request) => {
      const { reason: why, accept_loss: acceptLoss = false } = request.body ?? {};
      const options = { changedBy: authorOf(request), ...(why != null && { reason: why }) };
      const commits = await (acceptLoss ? config.acceptLoss(options) : config.restore(options));
      const count = commits.reduce((sum, { changes }) => sum + changes.length, 0);
      return { [acceptLoss ? 'given_up' : 'restored']: count, revision: config.head.revision };
    });
  };
}
