import type { Command } from 'commander';
import { lazyCommand } from '../../lazy-command.ts';

/** `muttctl keys …` */
export function defineKeysCommands(keys: Command): void {
  keys.description('make and revoke API keys of a server').helpCommand(false);
  lazyCommand(
    keys,
    'create <name>',
    'make an API key, and print it this once',
    async () => (await import('./create.ts')).defineKeysCreate,
  );
  lazyCommand(
    keys,
    'list',
    'print whose API keys there are, and what they may do',
    async () => (await import('./list.ts')).defineKeysList,
  );
  lazyCommand(
    keys,
    'revoke <api-key>',
    'end an API key, at once and for good',
    async () => (await import('./revoke.ts')).defineKeysRevoke,
  );
}
