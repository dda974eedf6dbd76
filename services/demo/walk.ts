import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from '../pipeline/redis.ts';
import { QUEUES } from '../pipeline/queues.ts';
import type { Stack } from './stack.ts';

const PREFIX = 'mutt:config';
/** From a change to the rate that follows from it. */
const EFFECT_MS = 1_000;
const APPLIED_MS = 5_000;
const LOOK_AGAIN_MS = 5;

/** What a demo shows as it goes. */
export interface Step {
  readonly title: string;
  /** As somebody would type it. */
  readonly command: string;
  /** What came of it, in numbers. */
  readonly effect: string;
}

export interface WalkOptions {
  readonly stack: Stack;
  readonly redis: Redis;
  /** Longest time for one step. */
  readonly stepMs: number;
  readonly signal: AbortSignal;
  onStep(step: Step): void;
}

/** Changes settings of the running pipeline, one after the other, and measures what each does. */
export class Walk {
  /** Changes that every instance was seen to have. */
  changesApplied = 0;
  /** The largest difference between a new rate limit and the rate that followed, as a part of it. */
  rateError = 0;
  readonly #options: WalkOptions;

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** Ends early when it is aborted. */
  async run(): Promise<void> {
    const steps = [
      () => this.#raiseRate(),
      () => this.#smallerBatches(),
      () => this.#legacyPeer(),
      () => this.#defer(),
      () => this.#shed(),
      () => this.#clearRuleCache(),
      () => this.#catchUp(),
    ];
    await this.#pause();
    for (const step of steps) {
      if (this.#options.signal.aborted) return;
      this.#options.onStep(await step());
    }
  }

  /** One change set; resolves when every instance has it. @returns after how many milliseconds. */
  async change(values: Readonly<Record<string, string>>, reason: string): Promise<number> {
    const startedAt = performance.now();
    const revision = await this.#options.stack.change(values, reason);
    return this.#applied(revision, startedAt);
  }

  async #applied(revision: number, startedAt: number): Promise<number> {
    for (;;) {
      const all = await this.#options.stack.health();
      if (all.every(({ config }) => config.revision >= revision)) break;
      if (performance.now() - startedAt > APPLIED_MS)
        throw new Error(`Not everywhere after ${APPLIED_MS} ms: ${revision}`);
      await sleep(LOOK_AGAIN_MS);
    }
    this.changesApplied += 1;
    return performance.now() - startedAt;
  }

  async #raiseRate(): Promise<Step> {
    const before = await this.#rate(1_000);
    const ms = await this.change({ moog_rate_limit: '300' }, 'the queue of alerts grows');
    return {
      title: 'Alerts go out faster',
      command: "muttctl config set moog_rate_limit 300 --reason 'the queue of alerts grows'",
      effect: `${before.toFixed(0)} alerts/s before, ${await this.#rateAfter(300)} after; everywhere in ${ms.toFixed(0)} ms`,
    };
  }

  async #smallerBatches(): Promise<Step> {
    const before = await this.#batchSize();
    await this.change({ moog_batch_size: '5' }, 'Moog is slow with large batches');
    return {
      title: 'Smaller batches',
      command: "muttctl config set moog_batch_size 5 --reason 'Moog is slow with large batches'",
      effect: `${before.toFixed(0)} alerts in a request before, ${(await this.#batchSize()).toFixed(0)} after`,
    };
  }

  /** As a Python service, or a person with redis-cli: a plain key, and a message with its name. */
  async #legacyPeer(): Promise<Step> {
    const { redis, stack } = this.#options;
    const revision = Math.max(...(await stack.health()).map(({ config }) => config.revision));
    const startedAt = performance.now();
    await redis.set(`${PREFIX}:moog_rate_limit`, '150');
    await redis.publish(`${PREFIX}:updates`, 'moog_rate_limit');
    const ms = await this.#applied(revision + 1, startedAt);
    return {
      title: 'Slower again, by a plain redis-cli that knows nothing of us',
      command: 'redis-cli SET mutt:config:moog_rate_limit 150; redis-cli PUBLISH mutt:config:updates moog_rate_limit',
      effect: `${await this.#rateAfter(150)} alerts/s; everywhere, and in the history, in ${ms.toFixed(0)} ms`,
    };
  }

  async #defer(): Promise<Step> {
    const alerts = await this.#length(QUEUES.alert);
    const shed = Math.max(2, Math.min(200, alerts));
    const values = {
      alerter_queue_warn_threshold: String(Math.floor(shed / 2)),
      alerter_queue_shed_threshold: String(shed),
      alerter_shed_mode: 'defer',
    };
    await this.change(values, 'Moog cannot keep up');
    const before = await this.#length(QUEUES.ingest);
    await this.#pause();
    return {
      title: 'Too many alerts wait: events are kept back',
      command: `muttctl apply: alerter_queue_shed_threshold ${shed}, alerter_shed_mode defer, in one change set`,
      effect: `the ingest queue grows from ${before} to ${await this.#length(QUEUES.ingest)} events, the alert queue no more`,
    };
  }

  async #shed(): Promise<Step> {
    await this.change({ alerter_shed_mode: 'dlq' }, 'rather late than all at once');
    await this.#pause();
    return {
      title: 'Or they are set aside',
      command: "muttctl config set alerter_shed_mode dlq --reason 'rather late than all at once'",
      effect: `${await this.#length(QUEUES.alerterDlq)} events in mutt:dlq:alerter, ${await this.#length(QUEUES.ingest)} in the ingest queue`,
    };
  }

  async #clearRuleCache(): Promise<Step> {
    const before = await this.#ruleLoads();
    const ms = await this.change({ cache_reload_interval: '60' }, 'the rules change often today');
    await this.#pause(0.3);
    return {
      title: 'Rules are read again at once',
      command: "muttctl config set cache_reload_interval 60 --reason 'the rules change often today'",
      effect: `${(await this.#ruleLoads()) - before} alerters read their rules again; everywhere in ${ms.toFixed(0)} ms`,
    };
  }

  async #catchUp(): Promise<Step> {
    const values = {
      moog_rate_limit: '10000',
      moog_batch_size: '200',
      alerter_queue_shed_threshold: '1000000',
      alerter_queue_warn_threshold: '100000',
    };
    await this.change(values, 'Moog is well again');
    await this.#pause();
    return {
      title: 'Moog is well again: four settings at once, or none',
      command: 'muttctl apply: moog_rate_limit 10000, moog_batch_size 200, both thresholds up, in one change set',
      effect: `${(await this.#rate(1_000)).toFixed(0)} alerts/s, ${await this.#length(QUEUES.alert)} wait`,
    };
  }

  /** The rate from a second after a change on, and how far it is from the limit. */
  async #rateAfter(limit: number): Promise<string> {
    await sleep(EFFECT_MS);
    const rate = await this.#rate(Math.max(2_000, this.#options.stepMs - EFFECT_MS));
    this.rateError = Math.max(this.rateError, Math.abs(rate - limit) / limit);
    return rate.toFixed(0);
  }

  async #rate(ms: number): Promise<number> {
    const [before, startedAt] = [await this.#options.stack.moog(), performance.now()];
    await sleep(ms);
    const [after, endedAt] = [await this.#options.stack.moog(), performance.now()];
    return (after.received - before.received) / ((endedAt - startedAt) / 1000);
  }

  async #batchSize(): Promise<number> {
    const before = await this.#options.stack.moog();
    await this.#pause();
    const after = await this.#options.stack.moog();
    return (after.received - before.received) / Math.max(1, after.requests - before.requests);
  }

  async #ruleLoads(): Promise<number> {
    const { stack } = this.#options;
    const alerters = stack.instances.filter(({ service }) => service === 'alerter');
    const texts = alerters.map((alerter) => stack.metrics(alerter));
    const counts = (await Promise.all(texts)).map((text) =>
      Number(/^mutt_alerter_rule_loads_total\S* (\d+)/m.exec(text)?.[1] ?? 0),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #length(list: string): Promise<number> {
    return this.#options.redis.lLen(list);
  }

  async #pause(part = 1): Promise<void> {
    await sleep(this.#options.stepMs * part, undefined, { signal: this.#options.signal }).catch(() => {});
  }
}
