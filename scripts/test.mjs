// npm test: sets up what is missing or stale, a redis-server among it, then runs the tests. Arguments go to vitest.
import { join } from 'node:path';
import { ensureRedis } from './ensure-redis.mjs';
import { ensureBuilt, ensureInstalled, requireNode, root, run } from './setup.mjs';

requireNode();
ensureInstalled();
ensureBuilt();
ensureRedis();
run(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)],
  'The tests',
);
