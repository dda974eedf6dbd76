import type { DynamicConfig, ValuesOf } from '@mutt/dynamic-config';
import type { Logger } from 'pino';
import { QUEUES } from '../pipeline/queues.ts';
import { Wait } from '../pipeline/wait.ts';
import type { WorkQueue } from '../pipeline/work-queue.ts';
import { aftermath, toDeadLetters } from './aftermath.ts';
import type { Answer } from './answer.ts';
import { backoffMs } from './backoff.ts';
import { afterFailure, afterSuccess, afterWaiting, CLOSED, openForMs } from './breaker.ts';
import type { Breaker } from './breaker.ts';
import type { ForwarderMetrics } from './forwarder-metrics.ts';
import { nextBatch, readItem, toSend } from './in-hand.ts';
import type { InHand } from './in-hand.ts';
import type { settings } from './settings.ts';
import type { Webhook } from './webhook.ts';

export interface ForwarderOptions {
  readonly config: Pick<DynamicConfig<ValuesOf<typeof settings>>, 'get' | 'registerCallback'>;
  readonly queue: Pick<WorkQueue, 'take' | 'settle' | 'problem'>;
  readonly webhook: Pick<Webhook, 'post'>;
  /** Of the rate that all forwarders share. */
  readonly takePermits: (wanted: number) => Promise<{ readonly granted: number; readonly retryAfterMs: number }>;
  readonly countDeadLetters: () => Promise<number>;
  readonly metrics: (breaker: () => Breaker['state']) => ForwarderMetrics;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  /** Milliseconds since 1970, on a clock that never jumps. */
  readonly now: () => number;
  readonly random: () => number;
}

/** While one request waits for its answer, the next one may go out. */
const MOST_REQUESTS = 2;
/** So much longer than need be may a stop take. */
const TAKE_WAIT_MS = 250;
const LOOK_AGAIN_MS = 1_000;

/** What a change of may end a wait. */
const WAITED_FOR = ['moog_rate_limit', 'moog_breaker_open', 'dlq_max_size'] as const;

/**
 * Takes alerts, at the pace that is permitted, to Moog. Whatever happens to it and to Moog, each alert is in the queue, in
 * its hands, in the dead letters, or was received: so it arrives once at least.
 *
 * One loop decides all that is sent. It looks at everything anew each time round, the settings included.
 */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #metrics: ForwarderMetrics;
  readonly #wait = new Wait();
  readonly #requests = new Set<Promise<void>>();
  /** Taken, and not on their way. */
  #held: InHand[] = [];
  #breaker: Breaker = CLOSED;
  #failuresInARow = 0;
  #lastFailure = '';
  #lastDeliveredAt = 0;
  #notBefore = 0;
  #isDlqFull = false;
  #trouble: string | null = null;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#metrics = options.metrics(() => this.#breaker.state);
    options.stopping.addEventListener('abort', () => this.#wait.wake());
    for (const key of WAITED_FOR) options.config.registerCallback(key, () => this.#wait.wake());
  }

  /** What is wrong, as a sentence; null while alerts get through. */
  health(): string | null {
    if (this.#breaker.state === 'open') return `Moog is left alone for a while, since it failed: ${this.#lastFailure}`;
    if (this.#isDlqFull) return `${QUEUES.moogDlq} is full: no alerts are taken until it is shorter than dlq_max_size.`;
    return this.#trouble ?? this.#options.queue.problem;
  }

  /** Until it is to stop, and no request waits for its answer any more. */
  async run(): Promise<void> {
    const { stopping, logger } = this.#options;
    while (!stopping.aborted) {
      try {
        await this.#step();
        this.#trouble = null;
      } catch (error) {
        this.#trouble = `No alerts are sent: ${(error as Error).message}`;
        logger.warn({ err: (error as Error).message }, 'cannot go on yet');
        await this.#wait.for(LOOK_AGAIN_MS);
      }
    }
    await Promise.all(this.#requests);
  }

  async #step(): Promise<void> {
    const { config, takePermits } = this.#options;
    if (this.#requests.size >= this.#mostRequests()) return Promise.race(this.#requests);
    if (await this.#hadToWait()) return;
    if (this.#held.length === 0) return this.#take();

    const batch = nextBatch(this.#held, this.#isProbing() ? 1 : config.get('moog_batch_size'));
    const { granted, retryAfterMs } = await takePermits(batch.length);
    this.#metrics.permits.inc(granted);
    if (granted === 0) return this.#wait.for(retryAfterMs);
    this.#send(this.#held.splice(0, granted));
  }

  #isProbing(): boolean {
    return this.#breaker.state === 'half_open';
  }

  #mostRequests(): number {
    return this.#isProbing() ? 1 : MOST_REQUESTS;
  }

  /** For Moog to recover; others may have what is in hand meanwhile. */
  async #hadToWait(): Promise<boolean> {
    const { config, now } = this.#options;
    const openMs = config.get('moog_breaker_open');
    this.#breaker = afterWaiting(this.#breaker, now(), openMs);
    const waitMs = Math.max(openForMs(this.#breaker, now(), openMs), this.#notBefore - now());
    if (waitMs <= 0) return false;
    if (this.#breaker.state === 'open') await this.#putBack();
    await this.#wait.for(waitMs);
    return true;
  }

  async #putBack(): Promise<void> {
    const held = this.#held.splice(0);
    if (held.length > 0) await this.#settle(held.map(({ item }) => ({ item, to: QUEUES.alert })));
  }

  async #take(): Promise<void> {
    const { config, queue, countDeadLetters } = this.#options;
    const deadLetters = await countDeadLetters();
    this.#metrics.dlqSize.set(deadLetters);
    this.#isDlqFull = deadLetters >= config.get('dlq_max_size');
    if (this.#isDlqFull) return this.#wait.for(LOOK_AGAIN_MS);

    // No more than may be sent within a second: the rest, another forwarder may want.
    const most = Math.min(config.get('moog_batch_size'), config.get('moog_rate_limit'));
    const items = (await queue.take(this.#isProbing() ? 1 : most, TAKE_WAIT_MS)).map(readItem);
    this.#held.push(...items.filter((one) => 'alert' in one));
    const rubbish = items.filter((one) => 'problem' in one);
    if (rubbish.length > 0) await this.#settle(rubbish.map(({ item, problem }) => toDeadLetters(item, problem)));
  }

  #send(batch: InHand[]): void {
    this.#metrics.inFlight.inc(batch.length);
    const request = this.#deliver(batch)
      .catch((error: unknown) => this.#options.logger.error({ err: error }, 'sent, and not settled'))
      .finally(() => {
        this.#metrics.inFlight.dec(batch.length);
        this.#requests.delete(request);
      });
    this.#requests.add(request);
  }

  async #deliver(batch: readonly InHand[]): Promise<void> {
    const { config, webhook, now } = this.#options;
    const answered = this.#metrics.seconds.startTimer();
    const answer = await webhook.post(batch.map(({ alert }) => toSend(alert)));
    answered();
    this.#learn(batch, answer);
    const { moves, again } = aftermath(batch, answer, {
      isBreakerClosed: this.#breaker.state === 'closed',
      lastDeliveredAt: this.#lastDeliveredAt,
      now: now(),
      maxAttempts: config.get('moog_max_attempts'),
    });
    this.#held.unshift(...again);
    await this.#settle(moves);
  }

  /** What the answer says of Moog. */
  #learn(batch: readonly InHand[], answer: Answer): void {
    const { config, logger, now, random } = this.#options;
    const correlation_ids = batch.map(({ alert }) => alert.event.correlation_id);
    const before = this.#breaker.state;
    switch (answer.outcome) {
      case 'abandoned':
        return;
      case 'failed':
        this.#metrics.failures.inc({ kind: answer.kind });
        this.#lastFailure = answer.reason;
        this.#failuresInARow += 1;
        this.#breaker = afterFailure(this.#breaker, now(), config.get('moog_breaker_threshold'));
        this.#notBefore = now() + this.#backoffMs(answer.retryAfterMs, random);
        logger.warn({ correlation_ids, kind: answer.kind, reason: answer.reason }, 'Moog failed');
        break;
      case 'rejected':
        this.#metrics.failures.inc({ kind: 'rejected' });
        logger.warn({ correlation_ids, reason: answer.reason }, 'Moog refuses');
        this.#worked();
        break;
      case 'delivered':
        this.#metrics.forwarded.inc(batch.length);
        this.#lastDeliveredAt = now();
        logger.info({ correlation_ids }, 'forwarded');
        this.#worked();
    }
    if (this.#breaker.state !== before) logger.warn({ from: before, to: this.#breaker.state }, 'circuit breaker');
  }

  #worked(): void {
    this.#failuresInARow = 0;
    this.#breaker = afterSuccess();
  }

  #backoffMs(askedMs: number, random: () => number): number {
    const { config } = this.#options;
    const limits = { baseMs: config.get('moog_retry_base'), maxMs: config.get('moog_retry_max') };
    return backoffMs(this.#failuresInARow, limits, random, askedMs);
  }

  async #settle(moves: Parameters<WorkQueue['settle']>[0]): Promise<void> {
    if (moves.length === 0) return;
    const settled = await this.#options.queue.settle(moves);
    this.#metrics.deadLetters.inc(moves.filter(({ to }) => to === QUEUES.moogDlq).length);
    // This process was taken for dead: what it sent will be sent again.
    if (settled < moves.length) this.#options.logger.warn({ lost: moves.length - settled }, 'others took over');
  }
}
