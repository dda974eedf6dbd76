import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Peer } from './peer.ts';

const BUCKET = 'KV_bench';
const SUBJECT = '$KV.bench.bench';

/** A key of a NATS key-value bucket, over the protocol's own text: the Node client asks for a newer Node. */
export const nats: Peer = {
  name: 'nats',
  command: 'nats-server',
  args: (port, folder) => ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', folder],
  async connect(port) {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    await once(socket, 'connect');
    const connection = new NatsConnection(socket);
    await connection.request(`$JS.API.STREAM.CREATE.${BUCKET}`, {
      name: BUCKET,
      subjects: ['$KV.bench.>'],
      storage: 'memory',
      max_msgs_per_subject: 1,
      discard: 'new',
    });
    return {
      put: (value) => connection.request(SUBJECT, value),
      async watch(onValue) {
        connection.subscribe('_WATCH.bench', onValue);
        const config = { deliver_subject: '_WATCH.bench', deliver_policy: 'new', ack_policy: 'none' };
        await connection.request(`$JS.API.CONSUMER.CREATE.${BUCKET}`, { stream_name: BUCKET, config });
      },
      close: () => socket.destroy(),
    };
  },
};

class NatsConnection {
  readonly #socket: Socket;
  readonly #subscriptions = new Map<string, (payload: string) => void>();
  readonly #inbox = `_INBOX.${process.pid}`;
  readonly #replies: ((payload: string) => void)[] = [];
  #received = '';

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#receive(chunk));
    socket.on('error', () => {});
    socket.write('CONNECT {"verbose":false}\r\n');
    this.subscribe(this.#inbox, (payload) => this.#replies.shift()?.(payload));
  }

  subscribe(subject: string, onPayload: (payload: string) => void): void {
    const id = String(this.#subscriptions.size + 1);
    this.#subscriptions.set(id, onPayload);
    this.#socket.write(`SUB ${subject} ${id}\r\n`);
  }

  /** One at a time: replies come in no particular order. */
  async request(subject: string, body: unknown): Promise<string> {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const reply = new Promise<string>((resolve) => this.#replies.push(resolve));
    this.#socket.write(`PUB ${subject} ${this.#inbox} ${payload.length}\r\n${payload}\r\n`);
    return reply;
  }

  #receive(chunk: string): void {
    this.#received += chunk;
    for (;;) {
      const end = this.#received.indexOf('\r\n');
      if (end < 0) return;
      const [verb, , id = '', ...rest] = this.#received.slice(0, end).split(' ');
      if (verb === 'PING') this.#socket.write('PONG\r\n');
      let next = end + 2;
      if (verb === 'MSG') {
        const length = Number(rest.at(-1));
        if (this.#received.length < next + length + 2) return;
        this.#subscriptions.get(id)?.(this.#received.slice(next, next + length));
        next += length + 2;
      }
      this.#received = this.#received.slice(next);
    }
  }
}
