import type { Command } from 'commander';
import { valueText } from '../../change-text.ts';
import { addChangeOptions, addConnectionOptions, examples, type ChangeOptions } from '../../connection-options.ts';
import { checkKey, withConfig } from '../../connection.ts';
import { readDeclared } from '../../declared.ts';
import { commitJson } from '../../json-shapes.ts';
import { printJson, printLine } from '../../output.ts';

export function defineDelete(command: Command): void {
  addChangeOptions(addConnectionOptions(command))
    .addHelpText(
      'after',
      examples({
        "muttctl config delete old_setting --reason 'gone since v2.5'": 'and say why',
        'muttctl config delete old_setting --if-revision 41': 'only if nobody changed it since',
        'muttctl config delete -- -odd-key': 'a key that begins with -',
      }),
    )
    .action(deleteKey);
}

async function deleteKey(key: string, options: ChangeOptions): Promise<void> {
  await checkKey(key);
  await withConfig(options, async (config) => {
    const { reason, ifRevision, notify, json } = options;
    const declared = await readDeclared(config, { json: json === true });
    const commit = await config.delete(key, { reason, ifRevision, notify });
    if (json) return printJson(commitJson(key, commit, declared));
    const previous = declared.shown(key, commit.previousValues[0] ?? null);
    printLine(`${key}: deleted, was ${valueText(previous, '(not set)')} (revision ${commit.revision})`);
  });
}
