import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Redis } from './redis.ts';
import { Script } from './script.ts';

/** Where an item goes that a worker has in hand. */
export interface Move {
  /** As it was taken. */
  readonly item: string;
  /** A list; nowhere: the item is done. */
  readonly to?: string;
  /** What is pushed there. Default: the item. */
  readonly as?: string;
  /** To the end that is taken from next. Default: to the other. */
  readonly front?: boolean;
  /** The list keeps the latest so many. Default: all. */
  readonly keep?: number;
}

export interface WorkQueueOptions {
  /** The list that is taken from. */
  readonly queue: string;
  readonly service: string;
  /** This worker's name, that of no other at any time. */
  readonly worker: string;
  /** Milliseconds without a heartbeat after which a worker is taken for dead. Asked anew each time. */
  readonly timeoutMs: () => number;
  /** Where an item goes that a dead worker had in hand. */
  readonly toRecovered: (item: string) => Move;
  readonly logger: Logger;
  /** Aborted when the service is to end: what cannot be settled then is put back. */
  readonly stopping: AbortSignal;
  /** Milliseconds, on whatever clock. */
  readonly now?: () => number;
}

const beat = new Script('beat');
const take = new Script('take');
const settle = new Script('settle');
const forgetWorker = new Script('forget-worker');

/** So often is a heartbeat sent before it would be missed. */
const HEARTBEATS = 3;
const BETWEEN_TRIES_MS = 200;
/** At a stop, so long is tried to put back what is in hand; another worker recovers it otherwise. */
const CLOSE_MS = 5_000;

/**
 * Takes from a queue so that nothing is lost with the taker: what is in hand lies in a list of the worker's own, until it
 * is settled, at once and whole; and what a dead worker had in hand, those who live put back. (The reliable queue of
 * https://redis.io/docs/latest/commands/lmove/, with heartbeats.)
 */
export class WorkQueue {
  readonly #redis: Redis;
  /** A connection of its own, since it waits. */
  readonly #taker: Redis;
  readonly #options: WorkQueueOptions;
  readonly #inHand = new Set<string>();
  readonly #stop = new AbortController();
  /** A take failed, maybe after Redis had moved something. */
  #isUnsure = false;
  #problem: string | null = null;
  #heartbeats: Promise<void> = Promise.resolve();

  private constructor(redis: Redis, taker: Redis, options: WorkQueueOptions) {
    this.#redis = redis;
    this.#taker = taker;
    this.#options = options;
  }

  /** Puts back what dead workers had in hand, and begins to say that this one lives. */
  static async open(redis: Redis, options: WorkQueueOptions): Promise<WorkQueue> {
    const taker = redis.duplicate();
    taker.on('error', () => {}); // The other connection tells of it.
    await taker.connect();
    const queue = new WorkQueue(redis, taker, options);
    await queue.#beat();
    await queue.#recover();
    queue.#heartbeats = queue.#keepAlive();
    return queue;
  }

  /**
   * Takes up to `max` items, of which none is taken by anybody else.
   *
   * @param waitMs how long it waits for the first one, at most 4,000
   * @returns none after that wait.
   * @throws what the Redis client throws; what was moved all the same comes with the next take.
   */
  async take(max: number, waitMs: number): Promise<string[]> {
    try {
      const items = this.#isUnsure ? await this.#forgotten() : await this.#next(max, waitMs);
      this.#isUnsure = false;
      for (const item of items) this.#inHand.add(item);
      return items;
    } catch (error) {
      this.#isUnsure = true;
      throw error;
    }
  }

  async #next(max: number, waitMs: number): Promise<string[]> {
    const { queue } = this.#options;
    try {
      const first = await this.#taker.blMove(queue, this.#hands, 'RIGHT', 'LEFT', waitMs / 1000);
      if (first === null) return [];
      const rest = max > 1 ? await this.#takeNow(max - 1) : [];
      return [first, ...rest];
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('OOM'))) throw error;
      // A full Redis refuses to move an item, though that makes it no fuller: a script may.
      const items = await this.#takeNow(max);
      if (items.length === 0) await sleep(waitMs, undefined, { signal: this.#options.stopping }).catch(() => {});
      return items;
    }
  }

  async #takeNow(max: number): Promise<string[]> {
    const { queue } = this.#options;
    return (await take.run(this.#redis, [queue, this.#hands], [String(max)])) as string[];
  }

  /** What lies in this worker's hands without its knowing. */
  async #forgotten(): Promise<string[]> {
    const items = await this.#redis.lRange(this.#hands, 0, -1);
    return items.filter((item) => !this.#inHand.has(item));
  }

  /** Why what is in hand cannot be settled, as a sentence; null while it can. */
  get problem(): string | null {
    return this.#problem;
  }

  /**
   * Moves items out of this worker's hands, all at once. Tried until Redis answers: done twice, it is the same.
   *
   * @returns how many were settled; the others, another worker took over while this one was taken for dead.
   * @throws when the service is to end meanwhile: what is in hand is put back then.
   */
  async settle(moves: readonly Move[]): Promise<number> {
    const { stopping, logger, now = () => performance.now() } = this.#options;
    const startedAt = now();
    for (;;) {
      try {
        const settled = await settleFrom(this.#redis, this.#hands, moves);
        for (const { item } of moves) this.#inHand.delete(item);
        this.#problem = null;
        return settled;
      } catch (error) {
        const isToEnd = stopping.aborted && now() > startedAt + CLOSE_MS;
        if (isToEnd || this.#stop.signal.aborted) throw error;
        const { message } = error as Error;
        this.#problem = `${moves.length} items in hand cannot be moved on: ${message}`;
        logger.warn({ err: message, items: moves.length }, 'not settled yet');
        await sleep(BETWEEN_TRIES_MS);
      }
    }
  }

  /** Puts back what is still in hand, where it was taken. Nothing may be taken or settled meanwhile. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#heartbeats;
    const deadline = performance.now() + CLOSE_MS;
    for (;;) {
      try {
        await this.#putBack();
        break;
      } catch (error) {
        if (performance.now() > deadline) {
          this.#options.logger.error({ err: error }, 'what is in hand is left for another worker to recover');
          break;
        }
        await sleep(BETWEEN_TRIES_MS);
      }
    }
    this.#taker.destroy();
  }

  async #putBack(): Promise<void> {
    const { queue, service, worker } = this.#options;
    const items = await this.#redis.lRange(this.#hands, 0, -1);
    await settleFrom(
      this.#redis,
      this.#hands,
      items.map((item) => ({ item, to: queue, front: true })),
    );
    await this.#redis.multi().sRem(workersKey(service), worker).del(heartbeatKey(service, worker)).exec();
  }

  get #hands(): string {
    return handsKey(this.#options.service, this.#options.worker);
  }

  async #keepAlive(): Promise<void> {
    const { signal } = this.#stop;
    let recoverAt = performance.now() + this.#options.timeoutMs();
    while (!signal.aborted) {
      const timeoutMs = this.#options.timeoutMs();
      await sleep(timeoutMs / HEARTBEATS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#beat();
        if (performance.now() < recoverAt) continue;
        recoverAt = performance.now() + timeoutMs;
        await this.#recover();
      } catch (error) {
        this.#options.logger.warn({ err: (error as Error).message }, 'no heartbeat');
      }
    }
  }

  async #beat(): Promise<void> {
    const { service, worker, timeoutMs } = this.#options;
    const keys = [workersKey(service), heartbeatKey(service, worker)];
    await beat.run(this.#redis, keys, [worker, String(Math.ceil(timeoutMs()))]);
  }

  async #recover(): Promise<void> {
    const { service, worker: self, toRecovered, logger } = this.#options;
    for (const worker of await this.#redis.sMembers(workersKey(service))) {
      // A process that stood still missed its own heartbeat, and lives.
      if (worker === self) continue;
      if ((await this.#redis.exists(heartbeatKey(service, worker))) === 1) continue;
      const hands = handsKey(service, worker);
      const items = await this.#redis.lRange(hands, 0, -1);
      const recovered = await settleFrom(this.#redis, hands, items.map(toRecovered));
      await forgetWorker.run(this.#redis, [workersKey(service), heartbeatKey(service, worker), hands], [worker]);
      logger.warn({ dead: worker, recovered }, 'took over from a dead worker');
    }
  }
}

async function settleFrom(redis: Redis, hands: string, moves: readonly Move[]): Promise<number> {
  if (moves.length === 0) return 0;
  const lists = [...new Set(moves.flatMap(({ to }) => (to === undefined ? [] : [to])))];
  const args = moves.flatMap(({ item, to, as = item, front = false, keep = 0 }) => [
    item,
    String(to === undefined ? 0 : lists.indexOf(to) + 2),
    as,
    front ? '1' : '0',
    String(keep),
  ]);
  return (await settle.run(redis, [hands, ...lists], args)) as number;
}

function handsKey(service: string, worker: string): string {
  return `mutt:processing:${service}:${worker}`;
}

function heartbeatKey(service: string, worker: string): string {
  return `mutt:heartbeat:${service}:${worker}`;
}

function workersKey(service: string): string {
  return `mutt:workers:${service}`;
}
