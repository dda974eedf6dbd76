import type { Command } from 'commander';
import { withStore } from '../connection.ts';
import { beQuiet } from '../output.ts';
import type { TargetOptions } from '../target.ts';

/** Nobody waits longer for the Tab key. */
const PATIENCE_MS = 1_500;

export function defineComplete(command: Command): void {
  command.action(async (words: readonly string[]) => {
    beQuiet(true);
    const [{ complete }, { createProgram }] = await Promise.all([import('../complete.ts'), import('../program.ts')]);
    await complete(createProgram(), words.length === 0 ? [''] : words, keysOf);
  });
}

/** None where they cannot be read: a shell is no place for an error. */
async function keysOf(words: readonly string[]): Promise<readonly string[]> {
  const reading = withStore(targetIn(words), async (store) => {
    const [{ entries }, registrations] = await Promise.all([store.load(), store.registrations()]);
    const declared = registrations.registrations.flatMap(({ settings }) => Object.keys(settings));
    return [...new Set([...entries.keys(), ...declared])].toSorted();
  }).catch(() => []);
  const patience = new Promise<readonly string[]>((resolve) => setTimeout(resolve, PATIENCE_MS, []).unref());
  return Promise.race([reading, patience]);
}

function targetIn(words: readonly string[]): TargetOptions & { url?: string; prefix?: string } {
  const valueOf = (name: string): string | undefined =>
    words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? words[words.indexOf(name) + 1];
  const [url, prefix] = ['--url', '--prefix'].map((name) =>
    words.some((word) => word.startsWith(name)) ? valueOf(name) : undefined,
  );
  return { ...(url && { url }), ...(prefix && { prefix }) };
}
