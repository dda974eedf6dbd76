import type { Command } from 'commander';
import { confirmAct } from '../../confirm.ts';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { printJson, printSummary } from '../../output.ts';
import { rightsText } from '../../rights.ts';
import { askOrAdvise, chooseServer } from '../../server-target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';
import type { Target } from '../../target.ts';
import { findApiKey, KEYS_PATH, LOOK_AT_KEYS, readApiKeys, type ApiKeyJson } from './api-keys.ts';

interface KeysRevokeOptions extends ConnectionOptions {
  readonly yes?: boolean;
}

export function defineKeysRevoke(command: Command): void {
  addConnectionOptions(command).option('-y, --yes', 'do not ask').action(revoke);
  addExamples(
    command,
    {
      'muttctl keys revoke forwarder': 'by its name',
      'muttctl keys revoke 4f1c2d3e4a5b6c7d --yes': 'by its id, without a question',
    },
    'Names the key by its id or its name, as muttctl keys list shows them; the key itself belongs in no command line.',
  );
}

async function revoke(wanted: string, options: KeysRevokeOptions): Promise<void> {
  const target = await chooseServer(options, 'API keys are');
  const key = findApiKey((await readApiKeys(target)).keys, wanted);
  await confirmAct(questionFor(key, target), options);
  const path = `${KEYS_PATH}/${encodeURIComponent(key.id)}`;
  await askOrAdvise(target, { method: 'DELETE', path }, LOOK_AT_KEYS);
  if (options.json) printJson({ revoked: key.id, name: key.name });
  else printSummary(`Revoked: ${escapeUnsafe(`${key.name} (id ${key.id})`)}. What it holds open ends now.`);
}

function questionFor(key: ApiKeyJson, { apiKey }: Target): string {
  const isOwn = apiKey?.startsWith(`mutt_${key.id}_`) ?? false;
  const used = key.last_used_at === null ? 'never used' : `last used ${key.last_used_at}`;
  const own = isOwn ? ' It is the key that you are using now.' : '';
  return `Revoke ${key.name} (id ${key.id}) for good?${own} Rights: ${rightsText(key)}; ${used}.`;
}
