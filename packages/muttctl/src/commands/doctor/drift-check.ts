import { setTimeout as delay } from 'node:timers/promises';
import type { Finding } from '@mutt/dynamic-config/redis';
import type { Target } from '../../target.ts';
import { fine, some, suspect, unknown } from './finding.ts';
import { answerOf } from './server-answer.ts';

/** What was just written past us is recorded in moments. */
const ATTEMPTS = 4;
const PAUSE_MS = 250;

interface Snapshot {
  readonly epoch: string;
  readonly revision: number;
  readonly entries: Readonly<Record<string, { readonly value: string; readonly revision: number }>>;
}

/** Values that are served, and are not what the audit trail says. */
export async function checkDrift(target: Target): Promise<Finding> {
  let drifting: string[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const served = await answerOf(target, '/api/v1/snapshot');
    if (served.status !== 200) return notCompared(served.status);
    const now = served.body as unknown as Snapshot;
    const at = now.epoch === '' ? '0' : `${now.epoch}:${now.revision}`;
    const recorded = await answerOf(target, `/api/v1/snapshot?at=${at}`);
    if (recorded.status !== 200) return notCompared(recorded.status);
    drifting = await differing(now.entries, (recorded.body as unknown as Snapshot).entries);
    if (drifting.length === 0) return fine('drift', 'Every value is as the audit trail says.');
    if (attempt < ATTEMPTS) await delay(PAUSE_MS);
  }
  return suspect('drift', {
    what: `${drifting.length === 1 ? 'One value is' : `${drifting.length} values are`} not as the audit trail says: ${some(drifting)}.`,
    why: 'They were written past us, and nobody records them: no audit record says what happened.',
    fix: 'muttctl doctor --url redis://… tells who keeps the namespace, and whether the server has the rights to (docs/security.md).',
  });
}

async function differing(served: Snapshot['entries'], recorded: Snapshot['entries']): Promise<string[]> {
  const { SECRET_MASK } = await import('@mutt/dynamic-config');
  const keys = new Set([...Object.keys(served), ...Object.keys(recorded)]);
  return [...keys].filter((key) => {
    const [now, then] = [served[key], recorded[key]];
    // Who may not read secrets is shown none of them here, and a mask there.
    if (then?.value === SECRET_MASK) return false;
    // A trail that began after the namespace does not know what was committed before.
    if (then === undefined) return now?.revision === 0;
    return now?.value !== then.value;
  });
}

function notCompared(status: number): Finding {
  return unknown('drift', `The values could not be compared with the audit trail (status ${status}).`);
}
