import type { Command } from 'commander';
import { lazyCommand } from '../../lazy-command.ts';

/** `muttctl config …` */
export function defineConfigCommands(config: Command): void {
  config.description('read and change settings').helpCommand(false);
  lazyCommand(config, 'get <key>', 'print the value of a key', async () => (await import('./get.ts')).defineGet);
  lazyCommand(
    config,
    'set <key> [value...]',
    'set keys for the whole fleet, as one change',
    async () => (await import('./set.ts')).defineSet,
  );
  lazyCommand(config, 'list [pattern]', 'list keys and values', async () => (await import('./list.ts')).defineList);
  lazyCommand(
    config,
    'delete <keys...>',
    'delete keys for the whole fleet, as one change',
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
  lazyCommand(
    config,
    'history <key>',
    'print who changed a key, when and why',
    async () => (await import('./history.ts')).defineHistory,
  );
  lazyCommand(
    config,
    'diff <from> [to]',
    'print what differs between two moments',
    async () => (await import('./diff.ts')).defineDiff,
  );
  lazyCommand(
    config,
    'rollback [key]',
    'undo a change of a key, or a whole change set',
    async () => (await import('./rollback.ts')).defineRollback,
  );
  lazyCommand(
    config,
    'export [pattern]',
    'print keys and values as YAML, JSON or dotenv',
    async () => (await import('./export.ts')).defineExport,
  );
  lazyCommand(
    config,
    'import [file]',
    'set what a file holds, as one change',
    async () => (await import('./import.ts')).defineImport,
  );
  lazyCommand(
    config,
    'apply',
    'make the settings what files say: plan, diff, apply',
    async () => (await import('./apply.ts')).defineApply,
  );
  lazyCommand(
    config,
    'edit [pattern]',
    'edit keys and values in your editor, as YAML',
    async () => (await import('./edit.ts')).defineEdit,
  );
  lazyCommand(
    config,
    'wait <key=value> [more...]',
    'wait until the settings show a value',
    async () => (await import('./wait.ts')).defineWait,
  );
}
