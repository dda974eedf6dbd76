import type { DynamicConfig } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { authorOf } from '../auth/authenticate.ts';
import { assertUnlimited } from '../auth/unlimited.ts';
import type { ReasonRule } from '../config/reason-rule.ts';
import { reason } from '../config/request-schemas.ts';
import type { History } from '../history/history.ts';
import { restoreValues } from '../history/history-replies.ts';
import { point } from '../history/history-schemas.ts';
import { restoreMissing } from '../history/restore-from-trail.ts';

const restoreBody = z
  .strictObject({
    reason,
    accept_loss: z.boolean().optional(),
    /** `memory`: what this server still holds. `trail`: what the audit trail knows. */
    from: z.enum(['memory', 'trail']).optional(),
    at: point.optional(),
  })
  .refine(({ from, at }) => at === undefined || from === 'trail', { message: 'at goes with from: "trail" only' })
  .refine(({ from, accept_loss: isLoss }) => from === undefined || isLoss !== true, {
    message: 'takes either from or accept_loss',
  })
  .nullish();

export interface RestoreRoutesOptions {
  readonly config: DynamicConfig;
  readonly reasonOf: ReasonRule;
  /** Left out where there is no audit trail. */
  readonly history?: History | undefined;
}

/** `/api/v1/restore`: what to do about values that an emptied store lost, and this server or the audit trail still holds. */
export function restoreRoutes({ config, reasonOf, history }: RestoreRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/api/v1/restore',
      { config: { role: 'admin' }, schema: { ...restoreValues, body: restoreBody } },
      async (request) => {
        assertUnlimited(request);
        const { reason: given, accept_loss: acceptLoss = false } = request.body ?? {};
        const why = reasonOf(given);
        const options = {
          changedBy: authorOf(request),
          correlationId: request.id,
          ...(why !== undefined && { reason: why }),
        };
        if (request.body?.from === 'trail' && history !== undefined) {
          const { entries } = await history.at(request.body.at ?? 'now');
          const restored = await restoreMissing(config, entries, {
            reason: 'Restored from the audit trail',
            ...options,
          });
          return { restored, revision: config.head.revision };
        }
        const commits = await (acceptLoss ? config.acceptLoss(options) : config.restore(options));
        const count = commits.reduce((sum, { changes }) => sum + changes.length, 0);
        return { [acceptLoss ? 'given_up' : 'restored']: count, revision: config.head.revision };
      },
    );
  };
}
