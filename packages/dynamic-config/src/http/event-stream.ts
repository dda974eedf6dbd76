import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailableError } from '../errors.ts';
import type { ConfigError } from '../errors.ts';
import type { StoreEvent, StoreListener } from '../store.ts';
import type { ApiClient } from './api-client.ts';
import { toCommit, toKeys, toReading } from './decode.ts';
import { EventStreamParser } from './event-stream-parser.ts';
import type { ServerSentEvent } from './event-stream-parser.ts';

const RECONNECT_MS = { first: 200, most: 10_000 };
/** A stream that lasted this long was no failure: after it, the pauses are short again. */
const HEALTHY_MS = 1_000;

export interface EventStreamOptions {
  readonly client: ApiClient;
  readonly listener: StoreListener;
  /** A stream that has told nothing so long after it was asked for is dead. */
  readonly timeoutMs: number;
  /** A stream that is silent for so long is dead: the server sends something every 10 s. */
  readonly silenceMs: number;
}

/** The server's events, delivered for as long as it is not stopped: a stream that ends is opened anew. */
export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #attempt = new AbortController();
  #openedAtMs = 0;
  #failures = 0;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  /** Another request, sent at this time, was not answered: a stream that is as old may be dead, too, and is opened anew. */
  doubt(askedAtMs: number): void {
    if (this.#openedAtMs <= askedAtMs) this.#restart();
  }

  #restart(): void {
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
      this.#openedAtMs = performance.now();
      const error = await this.#listen(this.#attempt.signal);
      this.#emit({ type: 'disconnected', error });
      const delayMs = Math.min(RECONNECT_MS.first * 2 ** Math.min(this.#failures++, 16), RECONNECT_MS.most);
      // Spread, so that a fleet doesn't come back at once.
      await delay(delayMs * (0.5 + Math.random() / 2), null, { signal, ref: false }).catch(() => {});
    }
  }

  /** Delivers one stream until it ends, and resolves with the reason. */
  async #listen(signal: AbortSignal): Promise<ConfigError> {
    const { client, timeoutMs, silenceMs } = this.#options;
    const parser = new EventStreamParser();
    let silent = this.#restartAfter(timeoutMs);
    let connectedAtMs: number | null = null;
    try {
      return await client.stream('events', signal, (text) => {
        clearTimeout(silent);
        silent = this.#restartAfter(silenceMs);
        connectedAtMs ??= performance.now();
        for (const event of parser.push(text)) this.#deliver(event);
      });
    } catch (error) {
      return error as ConfigError;
    } finally {
      clearTimeout(silent);
      if (connectedAtMs !== null && performance.now() - connectedAtMs > HEALTHY_MS) this.#failures = 0;
    }
  }

  #restartAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#restart(), ms).unref();
  }

  #deliver({ type, data }: ServerSentEvent): void {
    const event = toStoreEvent(type, JSON.parse(data));
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
