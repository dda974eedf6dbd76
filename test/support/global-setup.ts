import { spawnSync } from 'node:child_process';
import { postgresCommand } from '../../scripts/postgres-command.mjs';

/** The tests use real servers; say at once, in one sentence, when one is missing. */
export default function setup(): void {
  for (const command of ['redis-server', 'redis-cli']) {
    if (spawnSync(command, ['--version']).error === undefined) continue;
    throw new Error(`The tests need ${command} on the PATH: \`npm test\` installs it where it can.`);
  }
  for (const command of ['initdb', 'postgres']) {
    if (postgresCommand(command) !== null) continue;
    throw new Error(`The tests need PostgreSQL's ${command}: \`npm test\` installs it where it can.`);
  }
}
