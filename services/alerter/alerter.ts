import type { ServiceContext, ServiceDefinition, Running } from '../pipeline/run-service.ts';
import { QUEUES } from '../pipeline/queues.ts';
import { Wait } from '../pipeline/wait.ts';
import { WorkQueue } from '../pipeline/work-queue.ts';
import { AlerterMetrics } from './alerter-metrics.ts';
import { countUnhandled } from './count-unhandled.ts';
import { failed, handleSome } from './handle.ts';
import type { Handled } from './handle.ts';
import { intakeOf } from './intake.ts';
import type { Intake } from './intake.ts';
import { PressureLog } from './pressure-log.ts';
import { RuleCache } from './rule-cache.ts';
import type { RuleSet } from './rule-set.ts';
import type { RuleSource } from './rule-source.ts';
import { settings, warnsBeforeShedding } from './settings.ts';

/** Short, so that an idle alerter soon hears of a change, and soon ends. */
const TAKE_WAIT_MS = 250;
const RULES_WAIT_MS = 250;
const MOST_BACKOFF_MS = 2_000;

/** Takes events, and makes alerts of those that a rule says somebody must know of. */
export function alerter(sourceOf: () => RuleSource): ServiceDefinition<typeof settings> {
  return {
    name: 'alerter',
    defaultPort: 8082,
    settings,
    validate: warnsBeforeShedding,
    start: (context) => Alerter.start(context, sourceOf()),
  };
}

type Context = ServiceContext<typeof settings>;

class Alerter implements Running {
  readonly #context: Context;
  readonly #rules: RuleCache;
  readonly #queue: WorkQueue;
  readonly #metrics: AlerterMetrics;
  readonly #wait = new Wait();
  readonly #pressureLog: PressureLog;
  readonly #ended: Promise<void>;
  #trouble: string | null = null;
  #fullDlq: string | null = null;

  static async start(context: Context, source: RuleSource): Promise<Alerter> {
    const { config, redis, worker, logger } = context;
    const metrics = new AlerterMetrics(context.metrics);
    const rules = new RuleCache({
      source,
      maxAgeMs: () => config.get('cache_reload_interval') * 1_000,
      logger,
      onRead: (result) => metrics.rulesRead(result),
    });
    metrics.watchRules(rules);
    // Settings are read where they are used. A callback is for what was made of one before: here, of a wait that is on.
    config.registerCallback('cache_reload_interval', () => rules.reload());
    await rules.reload();
    const queue = await WorkQueue.open(redis, {
      queue: QUEUES.ingest,
      service: 'alerter',
      worker,
      timeoutMs: () => config.get('worker_timeout'),
      // It may be what the worker died of: then it must not come back for ever.
      toRecovered: (item) => failed(item, 'an alerter died while it had this event in hand'),
      logger,
      stopping: context.stopping,
    });
    return new Alerter(context, rules, queue, metrics);
  }

  private constructor(context: Context, rules: RuleCache, queue: WorkQueue, metrics: AlerterMetrics) {
    this.#context = context;
    this.#rules = rules;
    this.#queue = queue;
    this.#metrics = metrics;
    this.#pressureLog = new PressureLog(context.logger);
    // Whatever was changed may be why nothing is taken.
    context.config.registerCallback('*', () => this.#wait.wake());
    context.stopping.addEventListener('abort', () => this.#wait.wake());
    this.#ended = this.#run();
  }

  health(): string | null {
    const problems = [this.#rules.problem, this.#trouble, this.#fullDlq, this.#queue.problem].filter(
      (problem) => problem !== null,
    );
    return problems.length === 0 ? null : problems.join('. ');
  }

  async drain(): Promise<void> {
    await this.#ended;
    this.#rules.close();
    await this.#queue.close();
  }

  async #run(): Promise<void> {
    const { stopping, logger } = this.#context;
    let failures = 0;
    while (!stopping.aborted) {
      try {
        await this.#round();
        if (failures > 0) logger.info('Events are taken again');
        failures = 0;
        this.#trouble = null;
      } catch (error) {
        this.#trouble = `No events are taken: ${error instanceof Error ? error.message : String(error)}`;
        if (failures === 0) logger.error({ err: error }, this.#trouble);
        failures += 1;
        await this.#wait.for(Math.min(50 * 2 ** failures, MOST_BACKOFF_MS) * (0.5 + Math.random() / 2));
      }
    }
  }

  async #round(): Promise<void> {
    const { config } = this.#context;
    // Without rules every event would be one that no rule knows.
    if (this.#rules.current === null) return this.#wait.for(RULES_WAIT_MS);
    const intake = await this.#intake();
    if (intake.mode === 'defer') return this.#wait.for(config.get('alerter_defer_sleep_ms'));
    const items = await this.#queue.take(intake.most, TAKE_WAIT_MS);
    if (items.length > 0) await this.#settle(items, intake, this.#rules.current);
  }

  async #intake(): Promise<Intake> {
    const { config, redis } = this.#context;
    const [events, alerts, deadLetters] = await Promise.all([
      redis.lLen(QUEUES.ingest),
      redis.lLen(QUEUES.alert),
      redis.lLen(QUEUES.alerterDlq),
    ]);
    this.#metrics.queueLength(QUEUES.ingest, events);
    this.#metrics.queueLength(QUEUES.alert, alerts);
    this.#metrics.queueLength(QUEUES.alerterDlq, deadLetters);
    // All of one revision: a change set is seen whole.
    const values = config.getAll();
    const intake = intakeOf({ alerts, deadLetters }, values);
    this.#metrics.pressure(this.#pressureLog.note(alerts, values.alerter_queue_warn_threshold, intake));
    this.#fullDlq =
      intake.mode === 'defer' && intake.isDlqFull ? `Events are left in the queue: ${intake.reason}` : null;
    return intake;
  }

  async #settle(items: readonly string[], intake: Intake, rules: RuleSet): Promise<void> {
    const { config, logger, stopping } = this.#context;
    const circumstances = { rules, intake, unhandledKeep: config.get('unhandled_keep') };
    const all: Handled[] = [];
    // What is left at a stop is put back.
    while (all.length < items.length && !stopping.aborted) {
      const handled = handleSome(items.slice(all.length), circumstances);
      const settled = await this.#queue.settle(handled.map(({ move }) => move));
      if (settled < handled.length) {
        logger.warn({ taken: handled.length, settled }, 'Another alerter took over the others');
      }
      for (const one of handled) this.#tell(one);
      all.push(...handled);
    }
    await this.#countUnhandled(all, rules);
  }

  /** After they are settled, in whichever case an event is counted late rather than twice. */
  async #countUnhandled(handled: readonly Handled[], { isDevHost }: RuleSet): Promise<void> {
    const { config, redis, logger } = this.#context;
    const events = handled.flatMap(({ outcome, event }) => (outcome === 'unhandled' && event !== null ? [event] : []));
    if (events.length === 0) return;
    const options = { threshold: config.get('unhandled_threshold'), team: config.get('unhandled_team'), isDevHost };
    const alerts = await countUnhandled(redis, events, options);
    this.#metrics.unhandledAlerts(alerts);
    if (alerts > 0) logger.info({ alerts }, 'Hosts send events that no rule knows');
  }

  #tell({ outcome, event, because }: Handled): void {
    const { logger } = this.#context;
    this.#metrics.handled(outcome);
    const level = outcome === 'dead' || outcome === 'failed' ? 'warn' : 'debug';
    logger[level]({ id: event?.id, correlation_id: event?.correlation_id, outcome, because }, 'event');
  }
}
