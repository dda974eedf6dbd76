import { integer } from '@mutt/dynamic-config';

/** What can be changed while the ingestor runs. */
export const settings = {
  max_ingest_queue_size: integer({
    min: 1,
    max: 10_000_000,
    default: 100_000,
    unit: 'events',
    description: 'How long the ingest queue may get: beyond it, events are refused (503) until there is room',
  }),
  ingest_max_rate: integer({
    min: 0,
    max: 1_000_000,
    default: 0,
    unit: 'events/s',
    description: 'Events per second that all ingestors together take in; 0: no limit',
  }),
};
