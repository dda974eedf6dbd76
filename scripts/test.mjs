// npm test: sets up what is missing or stale, a redis-server among it, then runs the tests. Arguments go to vitest.
import { join } from 'node:path';
import { ensureBuilt, ensureCommand, ensureInstalled, requireNode, root, run } from './setup.mjs';

requireNode();
ensureInstalled();
ensureBuilt();
ensureCommand(
  'redis-server',
  'redis-server',
  'install Redis 6 or newer (`apt install redis-server`, `brew install redis`) and run this again.',
);
run(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)],
  'The tests',
);
