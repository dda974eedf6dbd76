import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { OUTCOMES } from './handle.ts';
import type { Outcome } from './handle.ts';
import { LEVELS } from './pressure-log.ts';
import type { Level } from './pressure-log.ts';
import type { RuleCache } from './rule-cache.ts';

/** What an alerter counts. */
export class AlerterMetrics {
  readonly #events: Counter<'outcome'>;
  readonly #lengths: Gauge<'queue'>;
  readonly #level: Gauge<'level'>;
  readonly #ruleLoads: Counter<'result'>;
  readonly #unhandledAlerts: Counter;
  readonly #registry: Registry;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registry = registry;
    this.#events = new Counter({
      name: 'mutt_alerter_events_total',
      help: 'Events by what became of them',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of OUTCOMES) this.#events.inc({ outcome }, 0);
    this.#unhandledAlerts = new Counter({
      name: 'mutt_alerter_unhandled_alerts_total',
      help: 'Alerts that tell of hosts whose events no rule matches',
      registers,
    });
    this.#lengths = new Gauge({
      name: 'mutt_queue_length',
      help: 'Items in a queue, as last seen',
      labelNames: ['queue'],
      registers,
    });
    this.#level = new Gauge({
      name: 'mutt_alerter_pressure',
      help: '1 for what waiting alerts make of this alerter, 0 for the others',
      labelNames: ['level'],
      registers,
    });
    this.pressure('ok');
    this.#ruleLoads = new Counter({
      name: 'mutt_alerter_rule_loads_total',
      help: 'How often the rules were read',
      labelNames: ['result'],
      registers,
    });
    for (const result of ['ok', 'failed']) this.#ruleLoads.inc({ result }, 0);
  }

  /** What is asked of the rules only when somebody looks. */
  watchRules(rules: Pick<RuleCache, 'current' | 'ageSeconds'>): void {
    const gauge = (name: string, help: string, read: () => number): void => {
      const collect = (): void => metric.set(read());
      const metric = new Gauge({ name, help, collect, registers: [this.#registry] });
    };
    gauge('mutt_alerter_rules', 'Rules in use', () => rules.current?.rules.length ?? 0);
    gauge('mutt_alerter_rules_refused', 'Rules that are not used', () => rules.current?.refused.length ?? 0);
    gauge('mutt_alerter_rules_age_seconds', 'Since the rules in use were read', () => rules.ageSeconds);
  }

  handled(outcome: Outcome): void {
    this.#events.inc({ outcome });
  }

  unhandledAlerts(count: number): void {
    this.#unhandledAlerts.inc(count);
  }

  rulesRead(result: 'ok' | 'failed'): void {
    this.#ruleLoads.inc({ result });
  }

  queueLength(queue: string, length: number): void {
    this.#lengths.set({ queue }, length);
  }

  pressure(level: Level): void {
    for (const one of LEVELS) this.#level.set({ level: one }, one === level ? 1 : 0);
  }
}
