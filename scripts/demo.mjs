// npm run demo: sets up what is missing or stale, then runs the whole pipeline on this machine.
import { ensureRedis } from './ensure-servers.mjs';
import { ensureBuilt, ensureInstalled, requireNode } from './setup.mjs';

requireNode();
ensureInstalled();
ensureBuilt();
ensureRedis();
await import('../services/dist/demo/main.js');
