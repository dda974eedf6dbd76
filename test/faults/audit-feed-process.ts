/** Brings the log of a Redis into a trail without a pause, in a process of its own, so that it can be killed; prints what it does. */
import { RedisStore } from '@mutt/dynamic-config/redis';
import { AuditFeed } from '../../packages/server/src/audit/audit-feed.ts';
import { AuditTrail } from '../../packages/server/src/audit/audit-trail.ts';
import type { Database } from '../../packages/server/src/database/database.ts';

/** After how many calls of which part it kills itself: `hold:1`; empty: never. */
const [redisUrl = '', databaseUrl = '', stepAndCount = ''] = process.argv.slice(2);
const [step = '', count = '1'] = stepAndCount.split(':');

let calls = 0;
function reached(name: string): void {
  if (name === step && (calls += 1) === Number(count)) process.kill(process.pid, 'SIGKILL');
}

function say(message: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Loads only what it needs: that takes most of the time. */
const open = databaseUrl.startsWith('postgres:')
  ? await import('../../packages/server/src/postgres/postgres-database.ts').then(
      ({ PostgresDatabase }) =>
        (url: string): Promise<Database> =>
          PostgresDatabase.open(url),
    )
  : await import('../../packages/server/src/embedded/embedded-database.ts').then(
      ({ EmbeddedDatabase }) =>
        (folder: string): Promise<Database> =>
          EmbeddedDatabase.open(folder),
    );

const go = new Promise<void>((resolve) => process.stdin.once('data', () => resolve()));
say({ is: 'loaded' });
// Only one process may have the embedded database open: this one waits until the one before is gone.
await go;
const database = await open(databaseUrl);
const store = RedisStore.open(redisUrl);
const trail = new AuditTrail(database);
const append = trail.append.bind(trail);
trail.append = async (...args) => {
  reached('before the transaction');
  const gaps = await append(...args);
  reached('after the commit');
  return gaps;
};
const run: Database['run'] = database.run.bind(database);
database.run = async (task) =>
  run(async (db) => {
    const seen = db.withPlugin({
      transformQuery({ node }) {
        reached(`in it, before ${node.kind}`);
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    return task(seen);
  });
const feed = new AuditFeed({
  store,
  trail,
  async hold(trailId, revision) {
    reached('before the hold moves');
    await store.holdLog(`audit:${trailId}`, revision);
    reached('after the hold moved');
  },
  logger: { warn: (message) => say({ is: 'warned', message }), error: (message) => say({ is: 'warned', message }) },
});
say({ is: 'draining' });
setInterval(() => say({ is: 'running', rssBytes: process.memoryUsage().rss, ...feed.status }), 100);
for (;;) {
  const failed = await feed.catchUp().then(
    () => false,
    () => true,
  );
  await new Promise((resolve) => setTimeout(resolve, failed ? 50 : 1));
}
