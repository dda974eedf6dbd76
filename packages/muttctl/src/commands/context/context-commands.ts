import type { Command } from 'commander';
import { lazyCommand } from '../../lazy-command.ts';

/** `muttctl context …`: the places that have a name. */
export function defineContextCommands(context: Command): void {
  context.description('give places names, and choose the one that is used');
  lazyCommand(context, 'list', 'list them', async () => (await import('./list.ts')).defineList);
  lazyCommand(context, 'show', 'show where commands go, and why', async () => (await import('./show.ts')).defineShow);
  lazyCommand(context, 'use', 'choose the one that is used where none is named', async () => {
    return (await import('./use.ts')).defineUse;
  });
  lazyCommand(context, 'add', 'give a place a name', async () => (await import('./add.ts')).defineAdd);
  lazyCommand(context, 'rename', 'give it another name', async () => (await import('./rename.ts')).defineRename);
  lazyCommand(
    context,
    'delete',
    'forget it, and what opens it',
    async () => (await import('./delete.ts')).defineDelete,
  );
}
