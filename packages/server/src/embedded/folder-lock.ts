import { closeSync, constants, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { StartupError } from '../startup-error.ts';

/** The byte that is locked: far behind what the file holds, because Windows lets nobody read a locked byte. */
const LOCKED_OFFSET = 2 ** 30;

/**
 * Makes this process the only user of a folder (made where there is none), until the returned function is called or the
 * process ends, however it ends: the operating system holds the lock, so a killed process leaves none behind.
 *
 * @throws StartupError naming the folder, and the process that uses it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  const fd = openLock(folder, path);
  try {
    if (!tryLock(fd, LOCKED_OFFSET, 1)) throw new StartupError(inUse(folder, readFileSync(path, 'utf8').trim()));
    note(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let isLocked = true;
  return () => {
    if (isLocked) closeSync(fd);
    isLocked = false;
  };
}

function openLock(folder: string, path: string): number {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (cause) {
    throw new StartupError(
      `The data folder ${folder} cannot be used (${(cause as Error).message}). Make it writable for this user, or name another one with MUTT_DATA_DIR.`,
      { cause },
    );
  }
}

/** Says who holds the lock: for people, so a full disk is no reason not to start. */
function note(fd: number): void {
  try {
    ftruncateSync(fd, 0);
    writeSync(fd, `${process.pid}\n`, 0);
  } catch {
    // The lock itself is held.
  }
}

function inUse(folder: string, pid: string): string {
  const by = /^\d+$/.test(pid) ? `process ${pid}` : 'another process';
  return `The data folder ${folder} is in use by ${by}. Stop that one first, or give this one a folder of its own with MUTT_DATA_DIR.`;
}
