import type { Command } from 'commander';
import type { Registrations } from '@mutt/dynamic-config';
import { addConnectionOptions, addRevealOption, addExamples, type RevealOptions } from '../../connection-options.ts';
import { checkKey, withStore } from '../../connection.ts';
import { readRegistrations, toDeclared, type Declared } from '../../declared.ts';
import { entryJson } from '../../json-shapes.ts';
import { keyMissing } from '../../key-missing.ts';
import { printJson, printLine, printNotice } from '../../output.ts';
import { escapeUnsafe } from '../../terminal-text.ts';

interface GetOptions extends RevealOptions {
  readonly default?: string;
}

export function defineGet(command: Command): void {
  addRevealOption(addConnectionOptions(command))
    .option('--default <value>', 'print this when there is no such key')
    .action(get);
  addExamples(command, {
    'muttctl config get moog_rate_limit': 'the bare value',
    'rate=$(muttctl config get moog_rate_limit --default 100)': 'in a script',
    'muttctl config get moog_rate_limit --json': 'with its revision, time and author',
    'muttctl config get smtp_password --reveal': 'a secret',
  });
}

async function get(key: string, options: GetOptions): Promise<void> {
  await checkKey(key);
  await withStore(options, async (store) => {
    const [{ entries }, registrations] = await Promise.all([store.read([key]), readRegistrations(store, options)]);
    const entry = entries.get(key) ?? null;
    if (entry === null) {
      if (options.default !== undefined) return print(key, { value: options.default }, options);
      throw keyMissing(key, (await store.load()).entries.keys());
    }
    const declared = await secrecyOf(key, registrations, options);
    print(key, { ...entry, value: declared?.shown(key, entry.value) ?? entry.value }, options);
    if (!declared?.isMasked(key) || !declared.isSecret(key)) return;
    printNotice(`${key} is a secret: --reveal shows it.`, { json: options.json === true, fields: { level: 'warn' } });
  });
}

/** null where nobody says that it is a secret: what more there is to declarations is not loaded, then. */
async function secrecyOf(
  key: string,
  registrations: Registrations | null,
  options: GetOptions,
): Promise<Declared | null> {
  if (registrations === null) return toDeclared(null, options);
  const isSecretToAny = registrations.registrations.some(
    ({ settings }) => Object.hasOwn(settings, key) && settings[key]?.isSecret === true,
  );
  return isSecretToAny ? toDeclared(registrations, options) : null;
}

function print(key: string, entry: Parameters<typeof entryJson>[1], { json }: GetOptions): void {
  if (json) printJson(entryJson(key, entry));
  else printLine(process.stdout.isTTY ? safeLines(entry.value) : entry.value);
}

/** Exact for a script, but on a terminal a value must not drive it. */
function safeLines(value: string): string {
  return value.replace(/[^\n]+/g, escapeUnsafe);
}
