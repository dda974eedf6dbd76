import type { Logger } from '@mutt/dynamic-config';
import type { AuditLog } from '../audit/audit-log.ts';
import { changeBody } from './delivery-body.ts';
import type { DeliveryQueue } from './delivery-queue.ts';
import type { DueDelivery } from './webhook.ts';
import type { WebhookSender } from './webhook-sender.ts';

/** How often to look for what is due, should nobody say that there is something. */
const POLL_MS = 5_000;
/** So that changes in quick succession are looked for once. */
const GATHER_MS = 100;
/** Requests under way at once. */
const MOST_CONNECTIONS = 20;
/** To one webhook, while others wait. */
const MOST_IN_A_ROW = 100;

export interface WebhookWorkerOptions {
  readonly audit: Pick<AuditLog, 'database' | 'settle'>;
  readonly queue: DeliveryQueue;
  readonly sender: Pick<WebhookSender, 'send'>;
  /** Keys whose values nobody is told. */
  readonly secretKeys: () => Promise<ReadonlySet<string>>;
  readonly logger: Logger;
}

/** Delivers what is due: to each webhook one change set after the other, and to all of them side by side. */
export class WebhookWorker {
  readonly #options: WebhookWorkerOptions;
  /** By webhook. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Infinity;
  #isStarted = false;
  #isWarned = false;

  constructor(options: WebhookWorkerOptions) {
    this.#options = options;
  }

  /** Begins to look for what is due, now and then. */
  start(): void {
    this.#isStarted = true;
    this.nudge();
  }

  /** There may be something to deliver. */
  nudge(): void {
    if (this.#isStarted) this.#schedule(GATHER_MS);
  }

  /** Delivers what is due now. Resolves when it was tried, once. */
  async runOnce(): Promise<void> {
    await this.#look();
    await Promise.all(this.#running.values());
  }

  /** Breaks off what is under way: it is delivered by whoever is next. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('The server ends.'));
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#running.values());
  }

  #schedule(delayMs: number): void {
    const dueAt = performance.now() + delayMs;
    if (this.#stop.signal.aborted || dueAt >= this.#dueAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#dueAt = Infinity;
      this.#looking = this.#looking.then(async () => this.#schedule(await this.#look()));
    }, delayMs);
    this.#timer.unref();
  }

  /** Starts what is due. Resolves with when to look again, in milliseconds. */
  async #look(): Promise<number> {
    const { audit, queue, logger } = this.#options;
    try {
      await audit.settle();
      const { webhookIds, nextInMs } = await queue.due();
      for (const id of webhookIds) {
        if (this.#running.size >= MOST_CONNECTIONS || this.#stop.signal.aborted) break;
        if (!this.#running.has(id)) this.#begin(id);
      }
      this.#isWarned = false;
      return Math.min(POLL_MS, nextInMs ?? POLL_MS);
    } catch (error) {
      if (!this.#isWarned) logger.warn(`Webhooks wait for the database: ${(error as Error).message}`);
      this.#isWarned = true;
      return POLL_MS;
    }
  }

  #begin(webhookId: string): void {
    const turn = this.#serve(webhookId).then(
      () => true,
      (error: unknown) => {
        if (this.#stop.signal.aborted) return false;
        this.#options.logger.warn(`A webhook could not be served: ${(error as Error).message}`);
        return false;
      },
    );
    this.#running.set(
      webhookId,
      turn.then((isServed) => {
        this.#running.delete(webhookId);
        // Others may have waited for the connection, and what came meanwhile was not looked for.
        if (isServed) this.nudge();
      }),
    );
  }

  /** Delivers to a webhook until nothing is due, an attempt failed, or it is the turn of others. */
  async #serve(webhookId: string): Promise<void> {
    const { queue } = this.#options;
    try {
      for (let n = 0; n < MOST_IN_A_ROW && !this.#stop.signal.aborted; n += 1) {
        const claim = await queue.claim(webhookId);
        if (claim === 'more') continue;
        if (claim === 'none' || !(await this.#deliver(claim))) break;
      }
    } finally {
      await queue.release(webhookId);
    }
  }

  async #deliver(delivery: DueDelivery): Promise<boolean> {
    const { audit, queue, sender, secretKeys, logger } = this.#options;
    const body = await changeBody(audit.database, delivery, await secretKeys());
    if (body === null) {
      await queue.drop(delivery);
      return true;
    }
    const outcome = await sender.send(delivery, delivery.id, body, this.#stop.signal);
    const noted = await queue.note(delivery, outcome);
    if (noted === 'given up') {
      logger.error(
        `Webhook ${delivery.webhookId} is failing: a delivery was given up, and nothing is sent until it is enabled again.`,
      );
    }
    return outcome.isDelivered;
  }
}
