import { deadLetter } from '../pipeline/dead-letter.ts';
import { QUEUES } from '../pipeline/queues.ts';
import type { Move } from '../pipeline/work-queue.ts';
import type { Answer } from './answer.ts';
import type { InHand } from './in-hand.ts';

export const SERVICE = 'moog-forwarder';

/** What is known of Moog when it has answered. */
export interface Circumstances {
  /** After this answer. */
  readonly isBreakerClosed: boolean;
  /** When Moog last took something; milliseconds since 1970, 0 for never. */
  readonly lastDeliveredAt: number;
  readonly now: number;
  readonly maxAttempts: number;
}

/** Where alerts go once Moog has answered: elsewhere, or into a request of their own. */
export interface Aftermath {
  readonly moves: Move[];
  readonly again: InHand[];
}

/** Every alert of the batch is in one of the two lists. */
export function aftermath(batch: readonly InHand[], answer: Answer, circumstances: Circumstances): Aftermath {
  if (answer.outcome === 'delivered') return { moves: batch.map(({ item }) => ({ item })), again: [] };
  if (answer.outcome === 'abandoned') return { moves: [], again: [...batch] };
  if (answer.outcome === 'failed') {
    return { moves: batch.map((one) => afterFailure(one, answer, circumstances)), again: [] };
  }
  // One of them is to blame, and which one shows when each is sent alone.
  return batch.length > 1
    ? { moves: [], again: batch.map((one) => ({ ...one, isSuspect: true })) }
    : { moves: batch.map(({ item }) => toDeadLetters(item, answer.reason)), again: [] };
}

/**
 * Back into the queue, behind those that may do better. A failure counts against an alert only when Moog took something
 * since the alert last failed: so an outage, however long and with however many forwarders, counts once at most, and an
 * alert that Moog cannot digest counts again and again.
 */
function afterFailure(
  { item, alert }: InHand,
  { kind, reason }: Extract<Answer, { outcome: 'failed' }>,
  { isBreakerClosed, lastDeliveredAt, now, maxAttempts }: Circumstances,
): Move {
  const isFirst = alert.last_failed_at === undefined;
  const counts = isBreakerClosed && kind !== 'busy' && (isFirst || lastDeliveredAt > (alert.last_failed_at ?? 0));
  if (!counts) return { item, to: QUEUES.alert };
  const attempts = (alert.attempts ?? 0) + 1;
  if (attempts >= maxAttempts) return toDeadLetters(item, `failed ${attempts} times, at last with: ${reason}`);
  return { item, to: QUEUES.alert, as: JSON.stringify({ ...alert, attempts, last_failed_at: now }) };
}

export function toDeadLetters(item: string, reason: string): Move {
  return { item, to: QUEUES.moogDlq, as: deadLetter(item, reason, SERVICE) };
}
