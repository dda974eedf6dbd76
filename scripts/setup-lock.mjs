// One set-up at a time: two `npm start` in a fresh clone would delete each other's packages.
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const POLL_MS = 200;

/**
 * Runs a task while no other process that uses the same lock file does; waits for the others, with one line. A lock that a
 * killed process left behind is taken over.
 */
export function withLock(file, task) {
  let hasWaited = false;
  while (!take(file)) {
    const owner = ownerOf(file);
    // Released in this very moment.
    if (owner === null) continue;
    if (!isAlive(owner)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!hasWaited) console.log(`Waiting for the set-up that process ${owner} is doing …`);
    hasWaited = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  const release = () => rmSync(file, { force: true });
  // The task may end the process, when it fails.
  process.once('exit', release);
  try {
    return task();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** The file is made with its owner in it, all at once: nobody ever sees it without. */
function take(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${process.pid}`);
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** The process that holds the lock; null when none does. */
function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
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
