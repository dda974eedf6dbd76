import type { ServerResponse } from 'node:http';
import { ClosedError } from '@mutt/dynamic-config';
import type { DynamicConfig, Logger, Update } from '@mutt/dynamic-config';
import { RequestError } from '../errors.ts';
import type { EventView } from './event-view.ts';
import { EventWindow } from './event-window.ts';
import { connectedText, eventText, toStreamEvent } from './stream-event.ts';
import type { StreamEvent } from './stream-event.ts';
import { StreamGroup } from './stream-group.ts';
import type { Listener, OpenStream, StreamClient } from './stream-group.ts';

/** Also how long a client may take to notice a dead connection: it gives up after 25 s of silence. */
const HEARTBEAT_MS = 10_000;
const HEARTBEAT = Buffer.from(': heartbeat\n\n');
const WINDOW = { mostEvents: 10_000, mostLength: 4 * 1024 * 1024 };
/** When clients come back to a server that ended: spread, so that not all do at once. */
const RETRY_MS = { least: 1_000, most: 5_000 };
const DEFAULT_MOST_STREAMS = 10_000;
const NO_KEYS: ReadonlySet<string> = new Set();

export interface EventHubOptions {
  readonly config: DynamicConfig;
  readonly logger: Logger;
  /** Keys whose values are left out for those who may not read secrets. */
  readonly secretKeys: () => Promise<ReadonlySet<string>>;
  /** The most streams that may be open. Default 10,000. */
  readonly mostStreams?: number | undefined;
  /** How much is kept for clients that come back. */
  readonly window?: { readonly mostEvents: number; readonly mostLength: number };
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** 0 to 1; spreads when clients come back. */
  readonly random?: () => number;
}

export interface StreamOptions {
  readonly view: EventView;
  /** By what it was let in: when that ends, so does the stream. */
  readonly ownerId: string;
  readonly listener: Listener;
  /** The id of the last event that the client saw; null: it starts anew. */
  readonly lastEventId: string | null;
}

/** Sends every step of a replica to the clients that listen, as far as each may see it. */
export class EventHub {
  readonly #options: EventHubOptions;
  readonly #window: EventWindow;
  readonly #groups = new Map<string, StreamGroup>();
  /** Request ids of commits under way that are not to be announced. */
  readonly #hushed = new Set<string>();
  readonly #stop: () => void;
  #isClosed = false;
  #number = 0;
  #size = 0;
  #cut = 0;
  /** Ends when everything was told that had to wait for the secret keys. */
  #inOrder: Promise<void> = Promise.resolve();

  constructor(options: EventHubOptions) {
    const { config, window = WINDOW } = options;
    this.#options = options;
    this.#window = new EventWindow(config.head, window);
    const unsubscribe = config.subscribe((update) => this.#tell(toStreamEvent(update, this.#isHushed(update))));
    const heartbeat = setInterval(() => {
      for (const group of this.#groups.values()) group.sendAll(HEARTBEAT);
    }, HEARTBEAT_MS);
    heartbeat.unref();
    this.#stop = () => {
      clearInterval(heartbeat);
      unsubscribe();
    };
  }

  /** How many streams are open. */
  get size(): number {
    return this.#size;
  }

  /** How many streams were cut, because their client did not read. */
  get cut(): number {
    return this.#cut;
  }

  /** Who listens now, and since when, in milliseconds since 1970. */
  *listeners(): Iterable<OpenStream> {
    for (const { listener, openedAtMs } of this.#clients()) yield { ...listener, openedAtMs };
  }

  /** @throws RequestError when there are as many streams as may be, ClosedError when there will be none any more. */
  assertRoom(): void {
    if (this.#isClosed) throw new ClosedError('The server');
    const { mostStreams = DEFAULT_MOST_STREAMS } = this.#options;
    if (this.#size < mostStreams) return;
    throw new RequestError('too_many_streams', `There are ${mostStreams} streams already, the most here. Try later.`);
  }

  /** Sends events to a response, from now on and until it is closed by either side. */
  connect(response: ServerResponse, { view, ownerId, listener, lastEventId }: StreamOptions): void {
    const group = this.#groupOf(view);
    const { now = Date.now } = this.#options;
    const client: StreamClient = { response, ownerId, listener, openedAtMs: now(), toldNumber: Infinity };
    group.clients.add(client);
    this.#size += 1;
    response.on('close', () => this.#leave(group, client));
    this.#inTurn(group, (secretKeys) => {
      if (response.writableEnded || response.destroyed) return;
      client.toldNumber = this.#number;
      const { head } = this.#options.config;
      const missed = lastEventId === null ? null : this.#window.since(lastEventId);
      response.write(connectedText(head, missed !== null));
      if (missed !== null) group.replay(client, missed, secretKeys);
      else if (lastEventId !== null) response.write(eventText({ type: 'reset', head }, () => 'shown') ?? '');
    });
  }

  /** Ends the streams of a key or session that is no longer let in, at once. */
  closeStreamsOf(ownerId: string): void {
    for (const client of this.#clients()) if (client.ownerId === ownerId) client.response.destroy();
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

  /** Ends all streams, and tells each when to come back. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
    const { random = Math.random } = this.#options;
    for (const { response } of this.#clients()) {
      response.end(`retry: ${Math.round(RETRY_MS.least + random() * (RETRY_MS.most - RETRY_MS.least))}\n\n`);
    }
  }

  #tell(event: StreamEvent): void {
    this.#window.add(event);
    const number = ++this.#number;
    for (const group of this.#groups.values()) {
      this.#inTurn(group, (secretKeys) => group.tell(number, event, secretKeys));
    }
  }

  /** At once, except for those who may not see secrets: which keys that are is asked each time, and order is kept. */
  #inTurn(group: StreamGroup, task: (secretKeys: ReadonlySet<string>) => void): void {
    if (!group.view.hidesSecrets) {
      task(NO_KEYS);
      return;
    }
    const { secretKeys, logger } = this.#options;
    this.#inOrder = this.#inOrder
      .then(async () => task(await secretKeys()))
      .catch((error: unknown) => {
        logger.warn(`Streams were ended: it is not known which settings are secret. ${(error as Error).message}`);
        for (const { response } of group.clients) response.destroy();
      });
  }

  #groupOf(view: EventView): StreamGroup {
    const known = this.#groups.get(view.id);
    if (known !== undefined) return known;
    const group = new StreamGroup(view, () => (this.#cut += 1));
    this.#groups.set(view.id, group);
    return group;
  }

  #leave(group: StreamGroup, client: StreamClient): void {
    if (!group.clients.delete(client)) return;
    this.#size -= 1;
    if (group.clients.size === 0 && this.#groups.get(group.view.id) === group) this.#groups.delete(group.view.id);
  }

  *#clients(): Iterable<StreamClient> {
    for (const group of this.#groups.values()) yield* group.clients;
  }

  #isHushed({ commit }: Update): boolean {
    return typeof commit?.requestId === 'string' && this.#hushed.has(commit.requestId);
  }
}
