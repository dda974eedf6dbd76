import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from './failure.ts';

/** A place that was given a name, with what opens it. */
export interface Context {
  readonly url: string;
  /** The namespace, in a Redis. */
  readonly prefix?: string;
  /** An API key, or the token of a session; sent to `url` and nowhere else. */
  readonly token?: string;
  /** Who signed in, for people. */
  readonly user?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const OTHERS_MAY = 0o077;

/**
 * The contexts of whoever is signed in to this machine: a file for each, so that two commands at once do not write over each
 * other, and one that says which is used where none is named. Only the owner may read them.
 */
export class Contexts {
  readonly #folder: string;

  constructor(env: Environment) {
    this.#folder =
      env['MUTTCTL_HOME'] || join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'muttctl');
  }

  /** @throws Failure where there is none of this name, or others may read it. */
  async get(name: string): Promise<Context> {
    assertName(name);
    const file = this.#fileOf(name);
    const text = await readIfThere(file);
    if (text === null) throw await this.#unknown(name);
    await assertPrivate(file);
    return parseContext(text, file);
  }

  async has(name: string): Promise<boolean> {
    return (await this.names()).includes(name);
  }

  /** In order of their names; none where there are none. */
  async names(): Promise<readonly string[]> {
    const folder = join(this.#folder, 'contexts');
    const files = await readdir(folder)
      .catch(ignoreMissing)
      .catch((cause: unknown) => {
        throw new Failure('unexpected', `${folder} cannot be read: ${(cause as Error).message}.`, { cause });
      });
    return (files ?? [])
      .filter((file) => file.endsWith('.json') && !file.startsWith('.'))
      .map((file) => file.slice(0, -'.json'.length))
      .toSorted();
  }

  /** The name of the context that is used where none is named; null: there is none. */
  async current(): Promise<string | null> {
    const name = (await readIfThere(join(this.#folder, 'current')))?.trim() ?? '';
    return name === '' ? null : name;
  }

  /** @throws Failure where there is none of this name. */
  async use(name: string): Promise<void> {
    assertName(name);
    if (!(await this.has(name))) throw await this.#unknown(name);
    await this.#write('current', `${name}\n`);
  }

  async put(name: string, context: Context): Promise<void> {
    assertName(name);
    await this.#write(join('contexts', `${name}.json`), `${JSON.stringify(context, null, 2)}\n`);
  }

  async rename(name: string, to: string): Promise<void> {
    assertName(to);
    if (!(await this.has(name))) throw await this.#unknown(name);
    if (await this.has(to)) throw new Failure('usage', `There is a context ${to} already.`);
    await rename(this.#fileOf(name), this.#fileOf(to));
    if ((await this.current()) === name) await this.use(to);
  }

  async delete(name: string): Promise<void> {
    assertName(name);
    if (!(await this.has(name))) throw await this.#unknown(name);
    await rm(this.#fileOf(name));
    if ((await this.current()) === name) await rm(join(this.#folder, 'current'), { force: true });
  }

  #fileOf(name: string): string {
    return join(this.#folder, 'contexts', `${name}.json`);
  }

  /** All at once, so that nobody reads half of it. */
  async #write(name: string, text: string): Promise<void> {
    const file = join(this.#folder, name);
    const unfinished = join(this.#folder, `.${randomUUID()}`);
    try {
      await makeFolder(join(this.#folder, 'contexts'));
      await chmod(this.#folder, 0o700);
      await writeFile(unfinished, text, { mode: 0o600, flag: 'wx', flush: true });
      await rename(unfinished, file);
    } catch (cause) {
      await rm(unfinished, { force: true }).catch(() => {});
      throw new Failure('unexpected', `${file} cannot be written: ${(cause as Error).message}.`, { cause });
    }
  }

  async #unknown(name: string): Promise<Failure> {
    const names = await this.names();
    const known =
      names.length === 0 ? 'There are none yet: muttctl login makes one.' : `There are: ${names.join(', ')}.`;
    return new Failure('usage', `There is no context ${name}. ${known}`);
  }
}

/** @throws Failure */
export function assertName(name: string): void {
  if (NAME.test(name)) return;
  throw new Failure(
    'usage',
    'The name of a context is 1 to 64 characters of A–Z a–z 0–9 . _ -, and begins with a letter or a digit.',
  );
}

/** Step by step: where no folder can be made, in `/proc`, Node's own `recursive` never ends. */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  if (parent !== folder && (await stat(parent).catch(ignoreMissing)) === null) await makeFolder(parent);
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8').catch(ignoreMissing);
  } catch (cause) {
    throw new Failure('unexpected', `${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

function ignoreMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}

/** As ssh does with its keys. Windows has other rights. */
async function assertPrivate(file: string): Promise<void> {
  const { mode } = await stat(file);
  if (process.platform === 'win32' || (mode & OTHERS_MAY) === 0) return;
  throw new Failure(
    'usage',
    `Others on this machine may read ${file}, which holds a credential. Run: chmod 600 ${file}`,
  );
}

function parseContext(text: string, file: string): Context {
  try {
    const { url, prefix, token, user } = JSON.parse(text) as Partial<Record<keyof Context, unknown>>;
    const areTexts = [prefix, token, user].every((one) => one === undefined || typeof one === 'string');
    if (typeof url === 'string' && areTexts) return JSON.parse(text) as Context;
  } catch {
    // Said below, in the same words.
  }
  throw new Failure('usage', `${file} is damaged: mend it, or delete it and run muttctl login again.`);
}
