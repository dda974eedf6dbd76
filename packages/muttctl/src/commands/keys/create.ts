import type { Command } from 'commander';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { parseExpiry } from '../../expiry.ts';
import { printJson, printLine, printNotice } from '../../output.ts';
import { addRightsOptions, rightsText, toRightsJson, type RightsJson, type RightsOptions } from '../../rights.ts';
import { askOrAdvise, chooseServer } from '../../server-target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';
import { KEYS_PATH, LOOK_AT_KEYS } from './api-keys.ts';

interface KeysCreateOptions extends ConnectionOptions, RightsOptions {
  readonly expires?: string;
}

interface Created extends RightsJson {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly expires_at: string | null;
}

export function defineKeysCreate(command: Command): void {
  addRightsOptions(addConnectionOptions(command))
    .option('--expires <when>', 'for how long (90d, 12h, 52w) or until when (2027-01-31); default: for ever')
    .action(create);
  addExamples(
    command,
    {
      "muttctl keys create forwarder --role editor --keys 'moog_*' --expires 90d": 'no more rights than it needs',
      'export MUTT_API_KEY="$(muttctl keys create laptop --role viewer)"':
        'on stdout there is the key, and nothing else',
      'muttctl keys create ci --role editor --json | jq -r .id': 'for a script',
    },
    'The name is recorded as the author of changes; no two keys have the same. The key is shown this once: the server keeps only its hash.',
  );
}

async function create(name: string, options: KeysCreateOptions): Promise<void> {
  const { expires, json = false } = options;
  const expiresAt = expires === undefined ? undefined : parseExpiry(expires, Date.now());
  const target = await chooseServer(options, 'API keys are');
  const body = { name, ...toRightsJson(options), ...(expiresAt !== undefined && { expires_at: expiresAt }) };
  const answer = await askOrAdvise(target, { method: 'POST', path: KEYS_PATH, body }, LOOK_AT_KEYS);
  if (json) return printJson(answer);
  const created = answer as unknown as Created;
  // Before the key, so that the key is the last line that is seen.
  const until = created.expires_at === null ? 'for ever' : `until ${created.expires_at}`;
  printNotice(
    `API key made: ${created.name} (id ${created.id}): ${rightsText(created)}, ${until}. It is shown this once: keep it.`,
    { json },
  );
  printLine(escapeUnsafe(created.key));
}
