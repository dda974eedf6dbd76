import { z } from 'zod';
import { time } from '../config/config-replies.ts';
import { operation } from '../openapi/operation.ts';

const textOrNull = z.string().nullable();
const numberOrNull = z.int().nullable();

const webhookFields = {
  id: z.string(),
  url: z.string(),
  keys: z.array(z.string()),
  description: textOrNull,
  state: z.enum(['enabled', 'disabled', 'failing']),
  created_at: time,
  created_by: z.string(),
  position: z.int().describe('The last audit record that it needs no more of.'),
  backlog: numberOrNull,
  waiting: z.object({ attempts: z.int(), next_attempt_at: time.nullable(), error: textOrNull }).nullable(),
};
const webhook = z.object(webhookFields).meta({ id: 'Webhook' });

const delivery = z
  .object({
    id: z.string(),
    type: z.enum(['config.changed', 'ping']),
    status: z.enum(['pending', 'delivered', 'failed', 'skipped']),
    epoch: textOrNull,
    revision: numberOrNull,
    created_at: time,
    attempts: z.int(),
    last_attempt_at: time.nullable(),
    next_attempt_at: time.nullable(),
    response_status: numberOrNull,
    error: textOrNull,
  })
  .meta({ id: 'Delivery' });

export const listWebhooks = operation(
  'webhooks',
  'The webhooks, without their secrets.',
  z.object({ webhooks: z.array(webhook), count: z.int() }),
);
export const createWebhook = operation(
  'webhooks',
  'Adds a webhook, and shows its secret this once.',
  z.object({ ...webhookFields, secret: z.string() }),
  { status: 201 },
);
export const getWebhook = operation('webhooks', 'One webhook, and how far it has been told.', webhook);
export const updateWebhook = operation('webhooks', 'Changes, pauses or resumes a webhook.', webhook);
export const deleteWebhook = operation('webhooks', 'Deletes a webhook.', z.object({ message: z.string() }));
export const listDeliveries = operation(
  'webhooks',
  'What was sent of late.',
  z.object({ deliveries: z.array(delivery) }),
);
export const testWebhook = operation('webhooks', 'Sends a ping, and tells how that went.', delivery);
