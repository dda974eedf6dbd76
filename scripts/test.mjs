// npm test: sets up what is missing or stale, a redis-server, a PostgreSQL and a Chromium among it, then runs the tests. Arguments go to vitest.
import { join } from 'node:path';
import { ensureServers } from './ensure-servers.mjs';
import { ensureBuilt, ensureInstalled, requireNode, root, run } from './setup.mjs';

requireNode();
ensureInstalled();
ensureBuilt();
ensureServers();
run(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)],
  'The tests',
);
