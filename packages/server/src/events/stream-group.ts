import type { ServerResponse } from 'node:http';
import type { Sight } from '../auth/visibility.ts';
import type { EventView } from './event-view.ts';
import { eventText } from './stream-event.ts';
import type { StreamEvent } from './stream-event.ts';

/** What may wait for a slow client. Whoever has more waiting is cut, and goes on where it stopped when it is back. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Who listens. */
export interface Listener {
  /** Of the API key or the user. */
  readonly name: string;
  readonly isPerson: boolean;
  readonly address: string;
  readonly userAgent: string | null;
}

/** Who listens, and since when, in milliseconds since 1970. */
export interface OpenStream extends Listener {
  readonly openedAtMs: number;
}

/** A stream that is open. */
export interface StreamClient {
  readonly response: ServerResponse;
  readonly listener: Listener;
  readonly openedAtMs: number;
  /** By what it was let in. */
  readonly ownerId: string;
  /** The number of the last event that it was told of, or needs not be. */
  toldNumber: number;
}

/** Clients that see the same: what they are told is made into bytes once, whatever their number. */
export class StreamGroup {
  readonly view: EventView;
  readonly clients = new Set<StreamClient>();
  /** Bytes of earlier events, for those that come back at the same time. */
  readonly #replayed = new WeakMap<StreamEvent, Buffer>();
  readonly #onCut: () => void;

  constructor(view: EventView, onCut: () => void) {
    this.view = view;
    this.#onCut = onCut;
  }

  tell(number: number, event: StreamEvent, secretKeys: ReadonlySet<string>): void {
    const text = eventText(event, this.view.sight(secretKeys));
    const bytes = text === null ? null : Buffer.from(text);
    for (const client of this.clients) {
      if (client.toldNumber >= number) continue;
      client.toldNumber = number;
      if (bytes !== null) this.#send(client, bytes);
    }
  }

  replay({ response }: StreamClient, events: readonly StreamEvent[], secretKeys: ReadonlySet<string>): void {
    const sight = this.view.sight(secretKeys);
    for (const event of events) {
      const bytes = this.#bytesOf(event, sight);
      if (bytes.length > 0) response.write(bytes);
    }
  }

  /** Sends the same bytes to all. */
  sendAll(bytes: Buffer): void {
    for (const client of this.clients) this.#send(client, bytes);
  }

  #send({ response }: StreamClient, bytes: Buffer): void {
    // Looked at before writing: one large commit alone must not cut everybody.
    if (response.writableLength <= MAX_WAITING_BYTES) response.write(bytes);
    else {
      response.destroy();
      this.#onCut();
    }
  }

  #bytesOf(event: StreamEvent, sight: Sight): Buffer {
    const known = this.#replayed.get(event);
    if (known !== undefined) return known;
    const bytes = Buffer.from(eventText(event, sight) ?? '');
    this.#replayed.set(event, bytes);
    return bytes;
  }
}
