import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer, PeerConnection } from './peer.ts';

const KEY = base64('bench');
/** What its own client waits between attempts. */
const RETRY_MS = 1_000;

interface Kv {
  readonly value?: string;
}

interface WatchReply {
  readonly result?: {
    readonly header: { readonly revision?: string };
    readonly events?: readonly { readonly kv: Kv }[];
  };
}

/**
 * etcd's watch, over the HTTP gateway of its own: its Node client is not kept any more. As its Go client does, the watch
 * goes on after what it saw last when its connection is gone, and nothing is sent that would prove it alive.
 */
export const etcd: Peer = {
  name: 'etcd',
  title: 'etcd watch',
  command: 'etcd',
  args(port, folder) {
    const url = `http://127.0.0.1:${port}`;
    const listen = `--listen-client-urls=${url} --advertise-client-urls=${url} --listen-peer-urls=http://127.0.0.1:0`;
    return ['--data-dir', folder, '--log-level=fatal', '--unsafe-no-fsync', ...listen.split(' ')];
  },
  async connect(port) {
    const connection = new EtcdConnection(`http://127.0.0.1:${port}/v3/`);
    await connection.get();
    return connection;
  },
};

class EtcdConnection implements PeerConnection {
  readonly #url: string;
  readonly #stopping = new AbortController();
  #last = '';
  #revision = 0;
  #isWatching = false;

  constructor(url: string) {
    this.#url = url;
  }

  async put(value: string): Promise<void> {
    await (await this.#post('kv/put', { key: KEY, value: base64(value) })).text();
  }

  async get(): Promise<string> {
    const reply = (await (await this.#post('kv/range', { key: KEY })).json()) as {
      header: { revision: string };
      kvs?: readonly Kv[];
    };
    this.#revision = Number(reply.header.revision);
    return text(reply.kvs?.[0]);
  }

  async watch(onValue: (value: string) => void): Promise<void> {
    this.#last = await this.get();
    await new Promise<void>((resolve) => void this.#follow(resolve, onValue));
  }

  served(): string {
    return this.#last;
  }

  saysCurrent(): boolean {
    return this.#isWatching;
  }

  close(): void {
    this.#stopping.abort();
  }

  async #follow(onCreated: () => void, onValue: (value: string) => void): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const request = { create_request: { key: KEY, start_revision: this.#revision + 1 } };
        for await (const { result } of replies(await this.#post('watch', request))) {
          this.#isWatching = true;
          onCreated();
          for (const { kv } of result?.events ?? []) {
            this.#revision = Number(result?.header.revision);
            this.#last = text(kv);
            onValue(this.#last);
          }
        }
      } catch {
        // Gone: from the last revision again, below.
      }
      this.#isWatching = false;
      if (!this.#stopping.signal.aborted) await sleep(RETRY_MS, undefined, { ref: false });
    }
  }

  async #post(path: string, body: unknown): Promise<Response> {
    const { signal } = this.#stopping;
    const response = await fetch(this.#url + path, { method: 'POST', body: JSON.stringify(body), signal });
    if (!response.ok) throw new Error(`etcd answered ${response.status}.`);
    return response;
  }
}

/** One JSON object a line; the first says that the watch is made. */
async function* replies({ body }: Response): AsyncGenerator<WatchReply> {
  let received = '';
  const decoder = new TextDecoder();
  for await (const chunk of body ?? []) {
    received += decoder.decode(chunk as Uint8Array, { stream: true });
    const lines = received.split('\n');
    received = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as WatchReply;
  }
}

function text(kv: Kv | undefined): string {
  return Buffer.from(kv?.value ?? '', 'base64').toString();
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64');
}
