import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** What its own client waits after an attempt that failed. */
const RETRY_MS = 2_000;

export interface NatsMessage {
  readonly subject: string;
  /** Where an answer goes; of a stream's message, where in the stream it is. */
  readonly reply: string;
  readonly header: string;
  readonly payload: string;
}

/** A connection to NATS by the protocol's own text (the Node client asks for a newer Node); it comes back by itself. */
export class NatsConnection {
  isOpen = false;
  readonly #port: number;
  readonly #inbox = `_INBOX.${process.pid}_${Math.random().toString(36).slice(2)}`;
  readonly #subscriptions = new Map<string, { subject: string; onMessage: (message: NatsMessage) => void }>();
  readonly #requests = new Map<string, { resolve: (payload: string) => void; reject: (error: Error) => void }>();
  readonly #onReconnect: () => void;
  #socket: Socket | null = null;
  #received = '';
  #requestCount = 0;
  #isClosed = false;

  private constructor(port: number, onReconnect: () => void) {
    this.#port = port;
    this.#onReconnect = onReconnect;
  }

  static async open(port: number, onReconnect: () => void): Promise<NatsConnection> {
    const connection = new NatsConnection(port, onReconnect);
    await connection.#connect();
    connection.subscribe(`${connection.#inbox}.*`, (message) => connection.#answered(message));
    return connection;
  }

  subscribe(subject: string, onMessage: (message: NatsMessage) => void): void {
    const id = String(this.#subscriptions.size + 1);
    this.#subscriptions.set(id, { subject, onMessage });
    this.#socket?.write(`SUB ${subject} ${id}\r\n`);
  }

  request(subject: string, body: unknown): Promise<string> {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const reply = `${this.#inbox}.${++this.#requestCount}`;
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(new Error('NATS is not connected.'));
      this.#requests.set(reply, { resolve, reject });
      this.#socket?.write(`PUB ${subject} ${reply} ${payload.length}\r\n${payload}\r\n`);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
  }

  async #connect(): Promise<void> {
    const socket = connect(this.#port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    this.#received = '';
    socket.on('data', (chunk: string) => this.#receive(chunk)).on('error', () => {});
    socket.write('CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\nPING\r\n');
    // The server speaks first: before that, only something in between may have taken the connection.
    await new Promise((resolve, reject) => {
      socket.once('data', resolve).once('close', () => reject(new Error('NATS is not reached.')));
    });
    socket.once('close', () => this.#lost());
    this.#socket = socket;
    this.isOpen = true;
    for (const [id, { subject }] of this.#subscriptions) socket.write(`SUB ${subject} ${id}\r\n`);
  }

  #lost(): void {
    this.isOpen = false;
    for (const { reject } of this.#requests.values()) reject(new Error('NATS is gone.'));
    this.#requests.clear();
    void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#connect();
      this.#onReconnect();
    } catch {
      setTimeout(() => void this.#reconnect(), RETRY_MS).unref();
    }
  }

  #answered({ subject, header, payload }: NatsMessage): void {
    const request = this.#requests.get(subject);
    this.#requests.delete(subject);
    if (header.includes(' 503')) request?.reject(new Error('NATS has nobody who answers that.'));
    else if (payload.includes('"error":')) request?.reject(new Error(`NATS refused: ${payload}`));
    else request?.resolve(payload);
  }

  #receive(chunk: string): void {
    this.#received += chunk;
    for (;;) {
      const end = this.#received.indexOf('\r\n');
      if (end < 0) return;
      const [verb = '', subject = '', id = '', ...rest] = this.#received.slice(0, end).split(' ');
      if (verb === 'PING') this.#socket?.write('PONG\r\n');
      let next = end + 2;
      if (verb === 'MSG' || verb === 'HMSG') {
        const length = Number(rest.at(-1));
        if (this.#received.length < next + length + 2) return;
        const headerEnd = next + (verb === 'HMSG' ? Number(rest.at(-2)) : 0);
        const reply = rest.length > (verb === 'HMSG' ? 2 : 1) ? (rest[0] ?? '') : '';
        const [header, payload] = [
          this.#received.slice(next, headerEnd),
          this.#received.slice(headerEnd, next + length),
        ];
        next += length + 2;
        this.#subscriptions.get(id)?.onMessage({ subject, reply, header, payload });
      }
      this.#received = this.#received.slice(next);
    }
  }
}
