import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { link, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from './failure.ts';

const INTERRUPTIONS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Writes a file that is there as a whole or not at all: until its last byte is on the disk it has another name, and is
 * gone when something goes wrong. For its owner only.
 *
 * @param options force: replaces a file that is there.
 * @throws Failure, and whatever the chunks throw.
 */
export async function writeWholeFile(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { force = false }: { readonly force?: boolean },
): Promise<void> {
  const place = await placeOf(path, force);
  const part = join(dirname(place), `.${basename(place)}.${randomBytes(4).toString('hex')}.part`);
  const stopTidying = removeWhenInterrupted(part);
  try {
    await writing(path, writeAll(part, chunks));
    await writing(path, force ? rename(part, place) : takeName(part, place));
  } finally {
    await rm(part, { force: true });
    stopTidying();
  }
}

/** Where the file really is to be: a link is followed, and a device is not replaced by a file. */
async function placeOf(path: string, force: boolean): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found === null) return path;
  if (!found.isFile()) throw new Failure('usage', `${path} is no file that can be replaced: name another one.`);
  if (!force) throw isThere(path);
  return realpath(path);
}

function isThere(path: string): Failure {
  return new Failure('usage', `${path} is there already: --force replaces it.`);
}

async function writeAll(part: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(part, 'wx', 0o600);
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Somebody may have made a file of that name meanwhile: a link never replaces one. */
async function takeName(part: string, place: string): Promise<void> {
  try {
    await link(part, place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw isThere(place);
    // Not every file system has them.
    await rename(part, place);
  }
}

async function writing(path: string, task: Promise<void>): Promise<void> {
  try {
    await task;
  } catch (cause) {
    // Of the file system, not of where the chunks come from.
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new Failure('usage', `${path} cannot be written: ${cause.message}.`, { cause });
  }
}

function removeWhenInterrupted(part: string): () => void {
  const tidiers = Object.entries(INTERRUPTIONS).map(([signal, exitCode]) => {
    const tidy = (): void => {
      rmSync(part, { force: true });
      process.exit(exitCode);
    };
    process.once(signal, tidy);
    return () => process.off(signal, tidy);
  });
  return () => {
    for (const untie of tidiers) untie();
  };
}
