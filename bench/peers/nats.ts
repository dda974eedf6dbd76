import { NatsConnection } from './nats-connection.ts';
import type { NatsMessage } from './nats-connection.ts';
import type { Peer, PeerConnection } from './peer.ts';

const BUCKET = 'KV_bench';
const SUBJECT = '$KV.bench.bench';
/** As its own clients watch a bucket: the server speaks at least so often, and has gone when it missed two. */
const HEARTBEAT_MS = 5_000;
const RETRY_MS = 1_000;

/** A key of a NATS key-value bucket, watched by what its clients call an ordered consumer: made anew, after what it saw last. */
export const nats: Peer = {
  name: 'nats',
  title: 'NATS KV',
  command: 'nats-server',
  args: (port, folder) => ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', folder],
  async connect(port) {
    const bucket: NatsBucket = new NatsBucket(await NatsConnection.open(port, () => bucket.reconnected()));
    await bucket.create();
    return bucket;
  },
};

class NatsBucket implements PeerConnection {
  readonly #connection: NatsConnection;
  readonly #inbox = `_WATCH.${process.pid}_${Math.random().toString(36).slice(2)}`;
  #onValue: ((value: string) => void) | null = null;
  #last = '';
  #sequence = 0;
  #isWatching = false;
  #heardAtMs = 0;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  async create(): Promise<void> {
    await this.#connection.request(`$JS.API.STREAM.CREATE.${BUCKET}`, {
      name: BUCKET,
      subjects: ['$KV.bench.>'],
      storage: 'memory',
      max_msgs_per_subject: 1,
      discard: 'new',
    });
  }

  put(value: string): Promise<unknown> {
    return this.#connection.request(SUBJECT, value);
  }

  async get(): Promise<string> {
    const reply = await this.#connection.request(`$JS.API.STREAM.MSG.GET.${BUCKET}`, { last_by_subj: SUBJECT });
    const { message } = JSON.parse(reply) as { message: { data: string } };
    return Buffer.from(message.data, 'base64').toString();
  }

  async watch(onValue: (value: string) => void): Promise<void> {
    this.#onValue = onValue;
    this.#connection.subscribe(this.#inbox, (message) => this.#heard(message));
    await this.#consume();
  }

  served(): string {
    return this.#last;
  }

  saysCurrent(): boolean {
    const isHeard = performance.now() - this.#heardAtMs < 2 * HEARTBEAT_MS;
    return this.#connection.isOpen && this.#isWatching && isHeard;
  }

  close(): void {
    this.#onValue = null;
    this.#connection.close();
  }

  reconnected(): void {
    if (this.#onValue === null) return;
    this.#isWatching = false;
    this.#consume().catch(() => setTimeout(() => this.reconnected(), RETRY_MS).unref());
  }

  async #consume(): Promise<void> {
    const from =
      this.#sequence === 0
        ? { deliver_policy: 'last' }
        : { deliver_policy: 'by_start_sequence', opt_start_seq: this.#sequence + 1 };
    const config = { deliver_subject: this.#inbox, ack_policy: 'none', idle_heartbeat: HEARTBEAT_MS * 1e6, ...from };
    await this.#connection.request(`$JS.API.CONSUMER.CREATE.${BUCKET}`, { stream_name: BUCKET, config });
    this.#isWatching = true;
    this.#heardAtMs = performance.now();
  }

  #heard({ reply, header, payload }: NatsMessage): void {
    this.#heardAtMs = performance.now();
    if (header !== '') return;
    // $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence in the stream>.…
    this.#sequence = Number(reply.split('.')[5]);
    this.#last = payload;
    this.#onValue?.(payload);
  }
}
