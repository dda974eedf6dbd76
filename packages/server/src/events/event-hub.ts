import type { ServerResponse } from 'node:http';
import type { DynamicConfig, Update } from '@mutt/dynamic-config';
import { toServerSentEvent, updateEvent } from './server-sent-event.ts';

/** Also how long a client may take to notice a dead connection: it gives up after 25 s of silence. */
const HEARTBEAT_MS = 10_000;
/** What may wait for a slow client. Whoever has more waiting is cut, and starts anew when it is back. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Sends every step of a replica to the clients that listen: made into text once, whatever their number. */
export class EventHub {
  readonly #config: DynamicConfig;
  readonly #clients = new Set<ServerResponse>();
  /** Request ids of commits under way that are not to be announced. */
  readonly #hushed = new Set<string>();
  readonly #stop: () => void;

  constructor(config: DynamicConfig) {
    this.#config = config;
    const unsubscribe = config.subscribe((update) => this.#broadcast(updateEvent(update, this.#isHushed(update))));
    const heartbeat = setInterval(() => this.#broadcast(': heartbeat\n\n'), HEARTBEAT_MS);
    heartbeat.unref();
    this.#stop = () => {
      clearInterval(heartbeat);
      unsubscribe();
    };
  }

  /** Sends events to a response, from now on and until it is closed by either side. */
  connect(response: ServerResponse): void {
    response.on('close', () => this.#clients.delete(response));
    response.write(toServerSentEvent('connected', this.#config.head, {}));
    this.#clients.add(response);
  }

  /** Commits without announcing the values: clients are told the keys only. */
  async hushed<T>(requestId: string, commit: () => Promise<T>): Promise<T> {
    this.#hushed.add(requestId);
    try {
      return await commit();
    } finally {
      this.#hushed.delete(requestId);
    }
  }

  /** Ends all streams. */
  close(): void {
    this.#stop();
    for (const client of this.#clients) client.end();
  }

  #isHushed({ commit }: Update): boolean {
    return typeof commit?.requestId === 'string' && this.#hushed.has(commit.requestId);
  }

  #broadcast(text: string): void {
    const bytes = Buffer.from(text);
    for (const client of this.#clients) {
      // Looked at before writing: one large commit alone must not cut everybody.
      if (client.writableLength > MAX_WAITING_BYTES) client.destroy();
      else client.write(bytes);
    }
  }
}
