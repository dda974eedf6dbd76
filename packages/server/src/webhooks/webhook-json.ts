import type { Delivery } from './webhook.ts';
import type { SeenWebhook } from './webhook-list.ts';

/** A webhook as clients see it: without its secret. */
export function webhookJson(webhook: SeenWebhook): Record<string, unknown> {
  const { waiting } = webhook;
  return {
    id: webhook.id,
    url: webhook.url,
    keys: webhook.keys,
    description: webhook.description,
    state: webhook.state,
    created_at: isoTime(webhook.createdAtMs),
    created_by: webhook.createdBy,
    position: webhook.position,
    backlog: webhook.backlog,
    waiting: waiting && {
      attempts: waiting.attempts,
      next_attempt_at: isoTime(waiting.nextAttemptAtMs),
      error: waiting.error,
    },
  };
}

export function deliveryJson(delivery: Delivery): Record<string, unknown> {
  return {
    id: delivery.id,
    type: delivery.type,
    status: delivery.status,
    epoch: delivery.epoch,
    revision: delivery.revision,
    created_at: isoTime(delivery.createdAtMs),
    attempts: delivery.attempts,
    last_attempt_at: isoTime(delivery.lastAttemptAtMs),
    next_attempt_at: isoTime(delivery.nextAttemptAtMs),
    response_status: delivery.responseStatus,
    error: delivery.error,
  };
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
