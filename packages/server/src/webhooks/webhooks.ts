import type { DynamicConfig, Logger } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { AuditLog } from '../audit/audit-log.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { WebhookList } from './webhook-list.ts';
import { webhookRoutes } from './webhook-routes.ts';
import { WebhookSender } from './webhook-sender.ts';
import { WebhookWorker } from './webhook-worker.ts';

export interface WebhooksOptions {
  readonly audit: AuditLog;
  readonly config: DynamicConfig;
  readonly declared: DeclaredSettings;
  readonly logger: Logger;
  /** Allows receivers at addresses that are not public, and http. */
  readonly allowPrivate: boolean;
}

/** Webhooks: their routes, and what delivers to them for as long as the server runs. */
export function webhooks({ audit, config, declared, logger, allowPrivate }: WebhooksOptions): FastifyPluginAsyncZod {
  const { database } = audit;
  const list = new WebhookList(database, Date.now);
  const queue = new DeliveryQueue({ database, now: Date.now, random: Math.random });
  const sender = new WebhookSender({ allowPrivate });
  const worker = new WebhookWorker({ audit, queue, sender, secretKeys: () => declared.secretKeys(), logger });
  const nudge = (): void => worker.nudge();
  return async (app) => {
    const unsubscribe = config.subscribe(nudge);
    app.addHook('onReady', async () => worker.start());
    app.addHook('onClose', async () => {
      unsubscribe();
      await worker.close();
    });
    await app.register(webhookRoutes({ list, database, sender, allowPrivate, now: Date.now, nudge }));
  };
}
