import { rm } from 'node:fs/promises';
import { makeDataDir } from '../../../test/support/data-dir.ts';
import { startServer } from '../../server/src/index.ts';

const ADMIN_API_KEY = 'correct-horse-battery-staple';

export interface EmbeddedServer {
  readonly url: string;
  /** What an admin of it has in the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Asks its API as the admin; resolves with the JSON that it answers. */
  call(
    method: string,
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; json: Record<string, unknown> }>;
  stop(): Promise<void>;
}

/** A server with nothing beside it: everything is in a folder of its own. */
export async function startEmbeddedServer(): Promise<EmbeddedServer> {
  const dataDir = await makeDataDir('muttctl-server-');
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    entries: { store: 'embedded' },
    apiKey: ADMIN_API_KEY,
    logLevel: 'silent',
  });
  return {
    url: server.url,
    env: { MUTT_CONFIG_URL: server.url, MUTT_API_KEY: ADMIN_API_KEY },
    async call(method, path, body, headers = { 'x-api-key': ADMIN_API_KEY }) {
      const response = await fetch(`${server.url}/api/v1/${path}`, {
        method,
        headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, json: (await response.json()) as Record<string, unknown> };
    },
    async stop() {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
