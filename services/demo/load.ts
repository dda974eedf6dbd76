import { setTimeout as sleep } from 'node:timers/promises';
import type { NewEvent } from '../pipeline/event.ts';
import { INGEST_KEY } from './stack.ts';

const BATCH_MS = 50;
const REPLY_MS = 5_000;
const BETWEEN_TRIES_MS = 100;
/** Once nothing new is sent, so long is tried to have accepted what is not yet. */
const LAST_TRIES_MS = 30_000;

export interface LoadOptions {
  readonly eventsPerSecond: number;
  /** Of ingestors, taken in turn. Asked anew for each batch. */
  readonly urls: () => readonly string[];
  readonly events: Iterator<NewEvent & { readonly id: string }>;
}

/** Clients that send events, and repeat what was not accepted: a batch is not forgotten before an ingestor has it. */
export class Load {
  /** Ids that an ingestor has accepted. */
  readonly accepted = new Set<string>();
  /** Ids that were sent more than once, since it was not known whether they were accepted. */
  readonly repeated = new Set<string>();
  readonly #options: LoadOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #inFlight = new Set<Promise<void>>();
  #giveUpAt = Number.POSITIVE_INFINITY;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Ends when all that was begun is accepted, or was not for 30 s. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#giveUpAt = performance.now() + LAST_TRIES_MS;
    await this.#running;
    await Promise.all(this.#inFlight);
  }

  async #run(): Promise<void> {
    const startedAt = performance.now();
    let made = 0;
    for (let batch = 0; !this.#stop.signal.aborted; batch++) {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * this.#options.eventsPerSecond);
      // Behind by more than a second, it does not catch up: that is what the machine can do.
      if (due - made > this.#options.eventsPerSecond) made = due - this.#options.eventsPerSecond;
      const events = Array.from({ length: Math.min(1_000, due - made) }, () => this.#options.events.next().value);
      made += events.length;
      if (events.length > 0 && this.#inFlight.size < 32) this.#begin(events, batch);
      await sleep(BATCH_MS);
    }
  }

  #begin(events: readonly (NewEvent & { readonly id: string })[], batch: number): void {
    const sent = this.#send(events, batch).finally(() => this.#inFlight.delete(sent));
    this.#inFlight.add(sent);
  }

  async #send(events: readonly (NewEvent & { readonly id: string })[], batch: number): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const urls = this.#options.urls();
      const url = urls[(batch + attempt) % urls.length];
      if (url !== undefined && (await post(url, events))) break;
      if (performance.now() > this.#giveUpAt) return;
      for (const { id } of events) this.repeated.add(id);
      await sleep(BETWEEN_TRIES_MS);
    }
    for (const { id } of events) this.accepted.add(id);
  }
}

async function post(url: string, events: readonly NewEvent[]): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/v2/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': INGEST_KEY },
      body: JSON.stringify(events),
      signal: AbortSignal.timeout(REPLY_MS),
    });
    const text = await response.text();
    // Nothing that is tried again would be taken.
    if (response.status >= 400 && response.status < 429) throw new Refused(`${response.status} ${text}`);
    return response.status === 202;
  } catch (error) {
    if (error instanceof Refused) throw error;
    return false;
  }
}

class Refused extends Error {}
