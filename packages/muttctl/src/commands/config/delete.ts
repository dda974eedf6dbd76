import type { Command } from 'commander';
import type { DynamicConfig } from '@mutt/dynamic-config';
import { requestChange, type ChangeRequestOptions } from '../../change-request.ts';
import { addChangeOptions, addConnectionOptions, addExamples } from '../../connection-options.ts';
import { checkKey } from '../../connection.ts';
import { keyMissing } from '../../key-missing.ts';

export function defineDelete(command: Command): void {
  addChangeOptions(addConnectionOptions(command))
    .option('--dry-run', 'show what would be deleted, and write nothing')
    .option('-y, --yes', 'do not ask')
    .action(deleteKeys);
  addExamples(command, {
    "muttctl config delete old_setting --reason 'gone since v2.5'": 'and say why',
    'muttctl config delete old_a old_b old_c --dry-run': 'what would go, as one change',
    'muttctl config delete old_setting --if-revision 41': 'only if nobody changed it since',
    'muttctl config delete -- -odd-key': 'a key that begins with -',
  });
}

async function deleteKeys(keys: readonly string[], options: ChangeRequestOptions): Promise<void> {
  for (const key of keys) await checkKey(key);
  await requestChange(
    {
      wanted: keys.map((key) => [key, null]),
      isSingle: keys.length === 1,
      check: (config) => assertSet(config, keys),
    },
    options,
  );
}

/** @throws Failure `key_not_found` */
async function assertSet(config: DynamicConfig, keys: readonly string[]): Promise<void> {
  const missing = keys.find((key) => config.entry(key) === undefined);
  if (missing === undefined) return;
  throw keyMissing(missing, Object.keys(config.getAll()));
}
