import type { ChildProcess } from 'node:child_process';
import { setTimeout as elapse } from 'node:timers/promises';

/** Freezes a process (SIGSTOP); its connections stay open. The returned function lets it go on. */
export function freeze(child: ChildProcess): () => void {
  child.kill('SIGSTOP');
  return () => void child.kill('SIGCONT');
}

/** Freezes it for so long, and resolves when it goes on. */
export async function freezeFor(child: ChildProcess, ms: number): Promise<void> {
  const thaw = freeze(child);
  try {
    await elapse(ms);
  } finally {
    thaw();
  }
}
