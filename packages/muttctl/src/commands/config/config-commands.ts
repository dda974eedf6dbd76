import type { Command } from 'commander';
import { lazyCommand } from '../../lazy-command.ts';

/** `muttctl config …` */
export function defineConfigCommands(config: Command): void {
  config.description('read and change settings').helpCommand(false);
  lazyCommand(config, 'get <key>', 'print the value of a key', async () => (await import('./get.ts')).defineGet);
  lazyCommand(
    config,
    'set <key> [value]',
    'set a key for the whole fleet',
    async () => (await import('./set.ts')).defineSet,
  );
  lazyCommand(config, 'list [pattern]', 'list keys and values', async () => (await import('./list.ts')).defineList);
  lazyCommand(
    config,
    'delete <key>',
    'delete a key for the whole fleet',
    async () => (await import('./delete.ts')).defineDelete,
  );
  lazyCommand(
    config,
    'watch [pattern]',
    'print each change as it happens',
    async () => (await import('./watch.ts')).defineWatch,
  );
  lazyCommand(
    config,
    'init',
    'give keys their first values, from the environment and defaults',
    async () => (await import('./init.ts')).defineInit,
  );
  lazyCommand(
    config,
    'docs',
    'print declared settings as a Markdown table',
    async () => (await import('./docs.ts')).defineDocs,
  );
}
