import { setTimeout as sleep } from 'node:timers/promises';
import type { PeerConnection } from './peer.ts';

const LOOK_MS = 5;
/** A read that takes longer blocks whoever reads. */
const BLOCKED_MS = 250;

/** What a read gave: a value, or this. */
type Seen = 'the default' | 'an error' | 'blocked';

/** Reads all the time, as a service does, and keeps what it was served, and since when the client says that it may be stale. */
export class Observation {
  /** In the order in which they first came. */
  readonly served = new Set<string>();
  /** On the monotonic clock; null: it says that it is current. */
  doubtedAtMs: number | null = null;
  readonly #reader: PeerConnection;
  #isOver = false;
  readonly #looking: Promise<void>;

  constructor(reader: PeerConnection) {
    this.#reader = reader;
    this.#looking = this.#look();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      this.served.add(await seen(this.#reader));
      if (this.doubtedAtMs === null && !this.#reader.saysCurrent()) this.doubtedAtMs = performance.now();
      await sleep(LOOK_MS);
    }
  }
}

/** One read: the value, or what came of it instead. */
export async function seen(reader: PeerConnection): Promise<string> {
  const read = async (): Promise<string> => (await reader.served()) || ('the default' satisfies Seen);
  const failed = (): Seen => 'an error';
  const blocked = sleep(BLOCKED_MS, 'blocked' satisfies Seen, { ref: false });
  return Promise.race([read().catch(failed), blocked]);
}
