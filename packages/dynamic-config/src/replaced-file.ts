import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What follows the file's name while it is being written. */
const UNFINISHED = /^\.[0-9a-f]{16}\.tmp$/;
/** A write takes seconds: one that nobody touched for so long was left by a crash. */
const ABANDONED_MS = 3_600_000;

/**
 * A file that is replaced as a whole: what is new is written beside it and moved over it, so that there is always a whole
 * one, however a write ends.
 */
export class ReplacedFile {
  readonly #path: string;
  /** This instance's alone. A process id would not do: a process may have several instances, and each container has a 1. */
  readonly #unfinished: string;

  constructor(path: string) {
    this.#path = path;
    this.#unfinished = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  }

  /** One at a time. When it fails, the old file is where it was, and nothing is beside it. */
  async replace(write: (file: FileHandle) => Promise<void>): Promise<void> {
    try {
      await writeNew(this.#unfinished, write);
      await rename(this.#unfinished, this.#path);
    } catch (error) {
      // What cannot be removed is overwritten by the next try.
      await rm(this.#unfinished, { force: true }).catch(() => {});
      throw error;
    }
    await syncFolder(dirname(this.#path));
  }

  /** Removes what crashed processes have left beside it, where that can be done. */
  async removeLeftovers(): Promise<void> {
    const folder = dirname(this.#path);
    const name = basename(this.#path);
    for (const other of await readdir(folder).catch(() => [])) {
      if (other.startsWith(name) && UNFINISHED.test(other.slice(name.length)))
        await removeAbandoned(join(folder, other));
    }
  }
}

async function writeNew(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function removeAbandoned(path: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(path);
  } catch {
    // Whoever wrote it, or another instance that starts, was quicker; or it is not ours to remove.
  }
}

/** So that the file has its name for good. Where folders cannot be opened (Windows), this is not needed. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
