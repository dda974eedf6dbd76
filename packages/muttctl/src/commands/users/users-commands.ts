import type { Command } from 'commander';
import { lazyCommand } from '../../lazy-command.ts';

/** `muttctl users …` */
export function defineUsersCommands(users: Command): void {
  users.description('manage who signs in to a server').helpCommand(false);
  lazyCommand(
    users,
    'create <name>',
    'add somebody, with a password',
    async () => (await import('./create.ts')).defineUsersCreate,
  );
  lazyCommand(
    users,
    'list',
    'print who there is, and what they may do',
    async () => (await import('./list.ts')).defineUsersList,
  );
  lazyCommand(
    users,
    'disable <user>',
    'shut somebody out, and end their sessions',
    async () => (await import('./disable.ts')).defineUsersDisable,
  );
  lazyCommand(
    users,
    'enable <user>',
    'let somebody in again',
    async () => (await import('./enable.ts')).defineUsersEnable,
  );
  lazyCommand(
    users,
    'set-password <user>',
    'give somebody another password, and end their sessions',
    async () => (await import('./set-password.ts')).defineUsersSetPassword,
  );
  lazyCommand(
    users,
    'delete <user>',
    'remove somebody, for good',
    async () => (await import('./delete.ts')).defineUsersDelete,
  );
}
