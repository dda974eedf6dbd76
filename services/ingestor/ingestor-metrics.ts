import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { QUEUES } from '../pipeline/queues.ts';
import type { Redis } from '../pipeline/redis.ts';

/** So long is Redis asked for the length of the queue. */
const ASK_MS = 1_000;

/** What the ingestor tells Prometheus. */
export class IngestorMetrics {
  readonly accepted: Counter<'source'>;
  readonly refused: Counter<'reason'>;
  readonly syslogDropped: Counter<'transport' | 'reason'>;
  readonly syslogCut: Counter<'transport'>;
  readonly #waiting: Gauge<'source'>;
  readonly #counts = new Map<string, () => number>();

  constructor(metrics: Registry, redis: Redis) {
    const registers = [metrics];
    this.accepted = new Counter({
      name: 'mutt_ingest_events_accepted_total',
      help: 'Events that are in the queue.',
      labelNames: ['source'],
      registers,
    });
    this.refused = new Counter({
      name: 'mutt_ingest_events_refused_total',
      help: 'Events that came by HTTP and were refused; a request that could not be read counts as one.',
      labelNames: ['reason'],
      registers,
    });
    this.syslogDropped = new Counter({
      name: 'mutt_syslog_dropped_total',
      help: 'Messages, or connections, that there was no room for.',
      labelNames: ['transport', 'reason'],
      registers,
    });
    this.syslogCut = new Counter({
      name: 'mutt_syslog_cut_total',
      help: 'Messages too long, of which only the beginning was kept.',
      labelNames: ['transport'],
      registers,
    });
    this.#waiting = new Gauge({
      name: 'mutt_syslog_waiting',
      help: 'Syslog events that are not in the queue yet.',
      labelNames: ['source'],
      registers,
      collect: () => {
        for (const [source, count] of this.#counts) this.#waiting.set({ source }, count());
      },
    });
    const queueLength: Gauge = new Gauge({
      name: 'mutt_ingest_queue_length',
      help: 'Events in the queue; NaN: not known.',
      registers,
      collect: async () => {
        const length = redis.withAbortSignal(AbortSignal.timeout(ASK_MS)).lLen(QUEUES.ingest);
        queueLength.set(await length.catch(() => NaN));
      },
    });
  }

  /** Where events of a source wait, and how many do, whenever it is asked. */
  waiting(source: string, count: () => number): void {
    this.#counts.set(source, count);
  }
}
