// npm run test:faults: sets up what `npm test` does, then tries the faults. Arguments: see CONTRIBUTING.md.
import { ensureServers } from './ensure-servers.mjs';
import { ensureBuilt, ensureInstalled, requireNode, root } from './setup.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

requireNode();
// What is set up is told on standard error: with --json, somebody reads the other one.
console.log = console.error;
ensureInstalled();
ensureBuilt();
ensureServers();
const { status } = spawnSync(
  process.execPath,
  ['--conditions=@mutt/source', '--import', 'tsx', join('test', 'fault-run', 'main.ts'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
