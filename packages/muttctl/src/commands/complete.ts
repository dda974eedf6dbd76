import type { Command } from 'commander';
import type { NameKind } from '../complete.ts';
import { withStore } from '../connection.ts';
import { beQuiet } from '../output.ts';
import { chooseServer } from '../server-target.ts';

/** Nobody waits longer for the Tab key. */
const PATIENCE_MS = 1_500;

/** Where the words say that the names are. */
interface NamedTarget {
  readonly url?: string;
  readonly context?: string;
  readonly prefix?: string;
}

export function defineComplete(command: Command): void {
  command.action(async (words: readonly string[]) => {
    beQuiet(true);
    const [{ complete }, { createProgram }] = await Promise.all([import('../complete.ts'), import('../program.ts')]);
    await complete(createProgram(), words.length === 0 ? [''] : words, namesOf);
  });
}

const READERS: Readonly<Record<NameKind, (options: NamedTarget) => Promise<readonly string[]>>> = {
  key: async (options) =>
    withStore(options, async (store) => {
      const [{ entries }, registrations] = await Promise.all([store.load(), store.registrations()]);
      const declared = registrations.registrations.flatMap(({ settings }) => Object.keys(settings));
      return [...new Set([...entries.keys(), ...declared])].toSorted();
    }),
  'api-key': async (options) => {
    const { readApiKeys } = await import('./keys/api-keys.ts');
    const { keys } = await readApiKeys(await chooseServer(options, 'API keys are'));
    // A name with a space in it would be two words of the command line.
    return keys.map(({ id, name }) => (name.includes(' ') ? id : name)).toSorted();
  },
  context: async () => {
    const { Contexts } = await import('../contexts.ts');
    return new Contexts(process.env).names();
  },
  user: async (options) => {
    const { readUsers } = await import('./users/users.ts');
    const { users } = await readUsers(await chooseServer(options, 'Users are'));
    return users.map(({ name }) => name).toSorted();
  },
};

/** None where they cannot be read: a shell is no place for an error. */
async function namesOf(kind: NameKind, words: readonly string[]): Promise<readonly string[]> {
  const reading = READERS[kind](targetIn(words)).catch(() => []);
  const patience = new Promise<readonly string[]>((resolve) => setTimeout(resolve, PATIENCE_MS, []).unref());
  return Promise.race([reading, patience]);
}

function targetIn(words: readonly string[]): NamedTarget {
  const valueOf = (name: string): string | undefined =>
    words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? words[words.indexOf(name) + 1];
  const [url, context, prefix] = ['--url', '--context', '--prefix'].map((name) =>
    words.some((word) => word.startsWith(name)) ? valueOf(name) : undefined,
  );
  return { ...(url && { url }), ...(context && { context }), ...(prefix && { prefix }) };
}
