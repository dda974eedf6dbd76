import { duration, integer } from '@mutt/dynamic-config';

/** Of all who take from a queue: declared once, since they are the same setting. */
export const workerSettings = {
  worker_timeout: duration({
    min: 300,
    max: 600_000,
    default: 15_000,
    description: 'A worker that is silent for so long is taken for dead: others take over what it had in hand',
  }),
  dlq_max_size: integer({
    min: 1,
    max: 10_000_000,
    default: 100_000,
    unit: 'items',
    description: 'A dead letter queue of this length takes no more: alerters defer, forwarders wait',
  }),
};
