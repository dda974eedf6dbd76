/**
 * Serves until its parent is gone: `ours`, the whole server with an embedded database, or over the Redis that is named;
 * or `bare`, one route of the same framework with the same JSON. Asked, it answers with what it uses; with what is held, once nothing is left to be let go of.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@mutt/server';
import { fastify } from 'fastify';
import { BENCH_KEY, BENCH_REPLY } from './http-server.ts';
import type { ServerUsage } from './http-server.ts';
import { endWithParent, tellParent } from './bench-process.ts';

const GC_TURNS = 3;

const [, , what = '', redisUrl = ''] = process.argv;
endWithParent();
tellParent(what === 'ours' ? await ours() : await bare());
process.on('message', (asked) => {
  const turns = asked === 'what is held' ? GC_TURNS : 0;
  for (let n = 0; n < turns; n++) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  tellParent({ residentBytes: rss, heldBytes: heapUsed + external, cpuUs: user + system } satisfies ServerUsage);
});

async function ours(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'mutt-bench-'));
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  const entries = redisUrl === '' ? ({ store: 'embedded' } as const) : ({ store: 'redis', url: redisUrl } as const);
  const { url } = await startServer({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    entries,
    apiKey: BENCH_KEY,
    rateLimit: 1_000_000,
  });
  return url;
}

async function bare(): Promise<string> {
  const app = fastify();
  app.get('/api/v1/config/:key', async () => BENCH_REPLY);
  return app.listen({ host: '127.0.0.1', port: 0 });
}
