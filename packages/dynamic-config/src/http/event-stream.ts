import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailableError } from '../errors.ts';
import type { ConfigError } from '../errors.ts';
import type { StoreEvent, StoreListener } from '../store.ts';
import type { ApiClient } from './api-client.ts';
import { toCommit, toKeys, toReading } from './decode.ts';
import { EventStreamParser } from './event-stream-parser.ts';
import type { ServerSentEvent } from './event-stream-parser.ts';

const RECONNECT_MS = { first: 200, most: 10_000 };

export interface EventStreamOptions {
  readonly client: ApiClient;
  readonly listener: StoreListener;
  /** A stream that is silent for so long is dead: the server sends something every 10 s. */
  readonly silenceMs: number;
}

/** The server's events, delivered for as long as it is not stopped: a stream that ends is opened anew. */
export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #attempt = new AbortController();
  #failures = 0;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  /** Opens the stream anew: something says that this one may be dead. */
  restart(): void {
    this.#attempt.abort(new StoreUnavailableError(`The server at ${this.#options.client.location} fell silent.`));
  }

  /** Resolves when nothing will be delivered any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#attempt.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#attempt = new AbortController();
      const error = await this.#listen(this.#attempt.signal);
      this.#emit({ type: 'disconnected', error });
      const delayMs = Math.min(RECONNECT_MS.first * 2 ** Math.min(this.#failures++, 16), RECONNECT_MS.most);
      // Spread, so that a fleet doesn't come back at once.
      await delay(delayMs * (0.5 + Math.random() / 2), null, { signal, ref: false }).catch(() => {});
    }
  }

  /** Delivers one stream until it ends, and resolves with the reason. */
  async #listen(signal: AbortSignal): Promise<ConfigError> {
    const { client, silenceMs } = this.#options;
    const parser = new EventStreamParser();
    const silent = setTimeout(() => this.restart(), silenceMs);
    silent.unref();
    try {
      return await client.stream('events', signal, (text) => {
        silent.refresh();
        for (const event of parser.push(text)) this.#deliver(event);
      });
    } catch (error) {
      return error as ConfigError;
    } finally {
      clearTimeout(silent);
    }
  }

  #deliver({ type, data }: ServerSentEvent): void {
    const event = toStoreEvent(type, JSON.parse(data));
    if (event?.type === 'connected') this.#failures = 0;
    if (event !== null) this.#emit(event);
  }

  #emit(event: StoreEvent): void {
    if (!this.#stopping.signal.aborted) this.#options.listener(event);
  }
}

/** null: an event of a newer server, which says nothing to us. */
function toStoreEvent(type: string, json: unknown): StoreEvent | null {
  switch (type) {
    case 'connected':
      return { type, pushesWrites: true };
    case 'commit':
      return { type: 'committed', commit: toCommit(json) };
    case 'observed':
      return { type, reading: toReading(json) };
    case 'invalidated':
      return { type, keys: toKeys(json), explained: false };
    case 'reset':
      return { type: 'invalidated', keys: null, explained: false };
    default:
      return null;
  }
}
