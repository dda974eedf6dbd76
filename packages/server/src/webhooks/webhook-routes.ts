import { randomUUID } from 'node:crypto';
import { AccessDeniedError } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { authorOf, principalOf } from '../auth/authenticate.ts';
import type { Database } from '../database/database.ts';
import { RequestError } from '../errors.ts';
import { pingBody } from './delivery-body.ts';
import { notePing, recentDeliveries } from './delivery-log.ts';
import { newSecret } from './signature.ts';
import { deliveryJson, webhookJson } from './webhook-json.ts';
import type { WebhookList } from './webhook-list.ts';
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listDeliveries,
  listWebhooks,
  testWebhook,
  updateWebhook,
} from './webhook-replies.ts';
import { newWebhookBody, webhookParams, webhookUpdateBody } from './webhook-schemas.ts';
import type { WebhookSender } from './webhook-sender.ts';
import { problemWithUrl } from './webhook-url.ts';

/** Each of them costs a look at every change. */
const MOST_WEBHOOKS = 50;

export interface WebhookRoutesOptions {
  readonly list: WebhookList;
  readonly database: Database;
  readonly sender: WebhookSender;
  readonly allowPrivate: boolean;
  readonly now: () => number;
  /** There may be something to deliver. */
  readonly nudge: () => void;
}

/** `/api/v1/webhooks`: who is told of changes by HTTP; for admins. */
export function webhookRoutes(options: WebhookRoutesOptions): FastifyPluginAsyncZod {
  const { list, database, sender, nudge, now } = options;
  /** In its normal form, which has no characters that a database refuses. */
  const checked = (url: string): string => {
    const problem = problemWithUrl(url, options);
    if (problem !== null) throw new RequestError('request_invalid', problem);
    return new URL(url).href;
  };
  return async (app) => {
    app.addHook('onRequest', async (request) => {
      const { role, keyPatterns } = principalOf(request);
      // Somebody who sees some keys only must not be sent the others.
      if (role === 'admin' && keyPatterns === null) return;
      throw new AccessDeniedError('forbidden', 'Webhooks are for admins of all keys.');
    });

    app.get('/api/v1/webhooks', { schema: listWebhooks }, async () => {
      const webhooks = await list.all();
      return { webhooks: webhooks.map(webhookJson), count: webhooks.length };
    });

    app.post('/api/v1/webhooks', { schema: { ...createWebhook, body: newWebhookBody } }, async (request, reply) => {
      const { keys, description = null, secret = newSecret() } = request.body;
      const url = checked(request.body.url);
      const webhook = await list.add({ url, keys, description, secret, createdBy: authorOf(request) }, MOST_WEBHOOKS);
      if (webhook === null) {
        throw new RequestError('request_invalid', `There are ${MOST_WEBHOOKS} webhooks already: delete one first.`);
      }
      return reply.code(201).send({ ...webhookJson(webhook), secret });
    });

    app.get('/api/v1/webhooks/:id', { schema: { ...getWebhook, params: webhookParams } }, async ({ params: { id } }) =>
      webhookJson((await list.find(id)) ?? missing(id)),
    );

    const update = { schema: { ...updateWebhook, params: webhookParams, body: webhookUpdateBody } };
    app.patch('/api/v1/webhooks/:id', update, async ({ params: { id }, body }) => {
      const { description, enabled: isEnabled, skip_backlog: skipBacklog } = body;
      const url = body.url === undefined ? undefined : checked(body.url);
      const webhook = await list.update(id, { url, description, isEnabled, skipBacklog });
      nudge();
      return webhookJson(webhook ?? missing(id));
    });

    app.delete(
      '/api/v1/webhooks/:id',
      { schema: { ...deleteWebhook, params: webhookParams } },
      async ({ params: { id } }) => {
        if (!(await list.remove(id))) missing(id);
        return { message: `Webhook deleted: ${id}` };
      },
    );

    app.get(
      '/api/v1/webhooks/:id/deliveries',
      { schema: { ...listDeliveries, params: webhookParams } },
      async ({ params: { id } }) => {
        if ((await list.find(id)) === null) missing(id);
        return { deliveries: (await recentDeliveries(database, id)).map(deliveryJson) };
      },
    );

    app.post(
      '/api/v1/webhooks/:id/test',
      { schema: { ...testWebhook, params: webhookParams } },
      async ({ params: { id } }) => {
        const receiver = (await list.receiver(id)) ?? missing(id);
        const pingId = randomUUID();
        const outcome = await sender.send(receiver, pingId, pingBody(pingId, now()), new AbortController().signal);
        return deliveryJson(await notePing(database, { id: pingId, webhookId: id, atMs: now(), outcome }));
      },
    );
  };
}

function missing(id: string): never {
  throw new RequestError('not_found', `There is no webhook ${id}.`);
}
