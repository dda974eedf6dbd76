import { spawnSync } from 'node:child_process';
import { chromiumCommand } from '../../scripts/chromium-command.mjs';
import { postgresCommand } from '../../scripts/postgres-command.mjs';
import { ensureWebUiBuilt } from '../../scripts/setup.mjs';
import { runFolder } from './made-once.ts';

/** The tests use real servers and a real browser; say at once, in one sentence, when one is missing. */
export default function setup(): void {
  for (const command of ['redis-server', 'redis-cli']) {
    if (spawnSync(command, ['--version']).error === undefined) continue;
    throw new Error(`The tests need ${command} on the PATH: \`npm test\` installs it where it can.`);
  }
  for (const command of ['initdb', 'postgres']) {
    if (postgresCommand(command) !== null) continue;
    throw new Error(`The tests need PostgreSQL's ${command}: \`npm test\` installs it where it can.`);
  }
  if (chromiumCommand() === null) {
    throw new Error('The tests need Chromium: `npm test` installs it where it can.');
  }
  // What the servers of the tests serve.
  ensureWebUiBuilt();
  // Before the workers are started: one for all of them.
  runFolder();
}
