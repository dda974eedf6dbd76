import type { DynamicConfig, State } from '@mutt/dynamic-config';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EventHub } from '../events/event-hub.ts';
import { RequestTimes } from './request-times.ts';

const STATES: readonly State[] = ['live', 'polling', 'stale', 'offline'];
/** From what is healthy, a few milliseconds, to what a staleness bound of some seconds lets through. */
const PROPAGATION_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 5, 10, 60];

export interface ServerMetricsOptions {
  readonly config: DynamicConfig;
  readonly hub: EventHub;
  /** Revisions that the audit trail lacks as yet; null: not known. Left out: there is no trail. */
  readonly auditBacklog?: (() => number | null) | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** What the server tells Prometheus of itself. */
export class ServerMetrics {
  readonly registry = new Registry();
  readonly requests = new RequestTimes(this.registry);
  readonly #stop: () => void;

  constructor({ config, hub, auditBacklog, now = Date.now }: ServerMetricsOptions) {
    this.#stop = this.#watchChanges(config, now);
    this.#gauge('mutt_store_state', 'The state of the link to the store: 1 for the one that it is in.', {
      labelNames: ['state'],
      collect: (gauge) => {
        const { state } = config.status();
        for (const one of STATES) gauge.set({ state: one }, one === state ? 1 : 0);
      },
    });
    this.#gauge('mutt_store_age_seconds', 'Time since the values were last proven current.', {
      collect: (gauge) => gauge.set(config.status().ageMs / 1_000),
    });
    this.#gauge('mutt_store_alarm', '1 while the store is found emptied, and nobody has settled that.', {
      collect: (gauge) => gauge.set(config.status().alarm === null ? 0 : 1),
    });
    this.#gauge('mutt_entries', 'Keys that have a value.', {
      collect: (gauge) => gauge.set(config.status().entries),
    });
    this.#gauge('mutt_revision', 'The revision of the namespace that the server is at.', {
      collect: (gauge) => gauge.set(config.head.revision),
    });
    this.#gauge('mutt_sse_clients', 'Event streams that are open.', { collect: (gauge) => gauge.set(hub.size) });
    this.#gauge('mutt_sse_cut', 'Event streams that were cut since the start, because their client did not read.', {
      collect: (gauge) => gauge.set(hub.cut),
    });
    if (auditBacklog !== undefined) {
      this.#gauge('mutt_audit_backlog', 'Revisions that the audit trail lacks as yet; NaN: not known.', {
        collect: (gauge) => gauge.set(auditBacklog() ?? NaN),
      });
    }
  }

  /** Tells of the process, too: its memory, its event loop. Once in a process. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  close(): void {
    this.#stop();
  }

  #watchChanges(config: DynamicConfig, now: () => number): () => void {
    const registers = [this.registry];
    const changes = new Counter({
      name: 'mutt_changes_total',
      help: 'Keys that changed since the start, by commits or out of band.',
      labelNames: ['source'],
      registers,
    });
    const propagation = new Histogram({
      name: 'mutt_propagation_seconds',
      help: 'From a commit, by the clock of the store, until its values are served here.',
      buckets: PROPAGATION_S,
      registers,
    });
    return config.subscribe(({ commit, changes: made }) => {
      changes.inc({ source: commit?.source ?? 'out-of-band' }, made.length);
      // Two clocks: what seems to come from the future took no time.
      if (commit?.source === 'commit') propagation.observe(Math.max(0, now() - commit.changedAtMs) / 1_000);
    });
  }

  #gauge(
    name: string,
    help: string,
    { labelNames = [], collect }: { labelNames?: string[]; collect: (gauge: Gauge) => void },
  ): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect: () => collect(gauge),
    });
  }
}
