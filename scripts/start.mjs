// npm start: sets up what is missing or stale, then runs the server.
import { ensureBuilt, ensureInstalled, requireNode } from './setup.mjs';

requireNode();
ensureInstalled();
ensureBuilt();
await import('../packages/server/dist/main.js');
