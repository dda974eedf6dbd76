// One set-up at a time: two `npm start` in a fresh clone would delete each other's packages.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A lock without a pid is this old at most while its owner is alive: it writes the pid at once. */
const UNOWNED_MS = 2_000;
const POLL_MS = 200;

/**
 * Runs a task while no other process that uses the same folder does; waits for the others, with one line. A lock that a
 * killed process left behind is taken over.
 */
export function withLock(folder, task) {
  let hasWaited = false;
  while (!take(folder)) {
    if (isStale(folder)) {
      rmSync(folder, { recursive: true, force: true });
      continue;
    }
    if (!hasWaited) console.log(`Waiting for the set-up that process ${ownerOf(folder) ?? '?'} is doing …`);
    hasWaited = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  const release = () => rmSync(folder, { recursive: true, force: true });
  // The task may end the process, when it fails.
  process.once('exit', release);
  try {
    return task();
  } finally {
    process.off('exit', release);
    release();
  }
}

function take(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(folder, 'pid'), `${process.pid}`);
  return true;
}

function ownerOf(folder) {
  try {
    return Number(readFileSync(join(folder, 'pid'), 'utf8')) || null;
  } catch {
    return null;
  }
}

function isStale(folder) {
  const pid = ownerOf(folder);
  if (pid !== null) return !isAlive(pid);
  try {
    return Date.now() - statSync(folder).mtimeMs > UNOWNED_MS;
  } catch {
    // Released in this very moment.
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
