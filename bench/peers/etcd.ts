import type { Peer } from './peer.ts';

const KEY = base64('bench');

/** etcd's watch, over the HTTP gateway of its own: its Node client is not kept any more. */
export const etcd: Peer = {
  name: 'etcd',
  command: 'etcd',
  args(port, folder) {
    const url = `http://127.0.0.1:${port}`;
    const listen = `--listen-client-urls=${url} --advertise-client-urls=${url} --listen-peer-urls=http://127.0.0.1:0`;
    return ['--data-dir', folder, '--log-level=fatal', '--unsafe-no-fsync', ...listen.split(' ')];
  },
  async connect(port) {
    const stopping = new AbortController();
    const post = async (path: string, body: unknown): Promise<Response> => {
      const { signal } = stopping;
      const url = `http://127.0.0.1:${port}/v3/${path}`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), signal });
      if (!response.ok) throw new Error(`etcd answered ${response.status}.`);
      return response;
    };
    await (await post('kv/range', { key: KEY })).text();
    return {
      put: async (value) => (await post('kv/put', { key: KEY, value: base64(value) })).text(),
      async watch(onValue) {
        const { body } = await post('watch', { create_request: { key: KEY } });
        await new Promise<void>((resolve) => void readEvents(body, resolve, onValue));
      },
      close: () => stopping.abort(),
    };
  },
};

/** One JSON object a line; the first says that the watch is made. */
async function readEvents(
  body: Response['body'],
  onCreated: () => void,
  onValue: (value: string) => void,
): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const { result } = JSON.parse(line) as { result: { events?: { kv: { value: string } }[] } };
        onCreated();
        for (const { kv } of result.events ?? []) onValue(Buffer.from(kv.value, 'base64').toString());
      }
    }
  } catch {
    // Closed.
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
