import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { applyValues } from '../../apply-values.ts';
import {
  addConnectionOptions,
  addExamples,
  addPlanOptions,
  addRevealOption,
  type PlanOptions,
} from '../../connection-options.ts';
import { withConfig } from '../../connection.ts';
import { readDeclaredStrictly } from '../../declared.ts';
import { toEditDocument, type EditDocument } from '../../edit-document.ts';
import { Failure } from '../../failure.ts';
import { keyPattern } from '../../key-pattern.ts';
import { printNotice } from '../../output.ts';
import { readWanted } from '../../wanted-values.ts';

interface EditOptions extends PlanOptions {
  readonly reveal?: boolean;
}

export function defineEdit(command: Command): void {
  addRevealOption(addPlanOptions(addConnectionOptions(command)))
    .option('--reason <text>', 'why; recorded with the change')
    .action(edit);
  addExamples(
    command,
    {
      'muttctl config edit': 'everything, in the editor that VISUAL or EDITOR names',
      "muttctl config edit 'moog_*' --reason 'tuning'": 'some keys',
      "EDITOR='code --wait' muttctl config edit": 'in another editor',
    },
    'What was changed is applied as one change set. When it is refused, the file with your edits is kept.',
  );
}

async function edit(pattern: string | undefined, options: EditOptions): Promise<void> {
  const matches = keyPattern(pattern ?? '*');
  const json = options.json === true;
  await withConfig(options, async (config, target) => {
    const declared = await readDeclaredStrictly(config, options);
    const document = await toEditDocument(config, { declared, matches, location: target.location });
    const path = await toFile(document.text);
    try {
      await openEditor(path);
      const edited = await textOf(path);
      if (edited === null) throw new Failure('cancelled', 'The editor left no file: nothing was written.');
      if (edited === document.text) {
        printNotice('Nothing was changed.', { json });
      } else {
        const wanted = await readEdited(path, document, matches);
        await applyValues(wanted, { config, target, declared }, { ...options, showsDiff: true });
      }
    } catch (error) {
      const edited = await textOf(path);
      if (edited !== null && edited !== document.text) throw keptAt(path, error);
      // Without edits it is of no use, and what it holds may be secret.
      await rm(dirname(path), { recursive: true, force: true });
      throw error;
    }
    await rm(dirname(path), { recursive: true, force: true });
  });
}

async function toFile(text: string): Promise<string> {
  // Nobody else may look into the folder: values can be anything.
  const folder = await mkdtemp(join(tmpdir(), 'muttctl-edit-'));
  const path = join(folder, 'settings.yaml');
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

/** null: the file is gone. */
function textOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

/** Through a shell, since editors are named with their options. */
async function openEditor(path: string): Promise<void> {
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
  // Ctrl-C is for the editor, and the terminal sends it to both.
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  const child = spawn('sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.off('SIGINT', ignore);
  if (code === 0) return;
  throw new Failure('cancelled', `The editor (${editor}) ended with ${code ?? 'a signal'}: nothing was written.`);
}

async function readEdited(
  path: string,
  { keys }: EditDocument,
  matches: (key: string) => boolean,
): Promise<Map<string, string | null>> {
  const edited = await readWanted([path], 'yaml');
  const stray = [...edited.keys()].find((key) => !matches(key));
  if (stray !== undefined) throw new Failure('usage', `${stray} is not among the keys that are edited here.`);
  const deleted = keys.filter((key) => !edited.has(key)).map((key) => [key, null] as const);
  return new Map<string, string | null>([...edited, ...deleted]);
}

/** The same failure, which says where the work is. */
function keptAt(path: string, error: unknown): Failure {
  const failure = Failure.of(error);
  const message = `${failure.message.replace(/([^.?!])$/, '$1.')} Your edits are in ${path}: muttctl config apply -f ${path} applies them without the deletions.`;
  return new Failure(failure.code, message, { cause: error });
}
