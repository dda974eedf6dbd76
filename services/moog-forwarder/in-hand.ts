import { z } from 'zod';
import { alertSchema } from '../pipeline/event.ts';
import type { Alert } from '../pipeline/event.ts';
import { readJson } from '../pipeline/read-json.ts';

const queuedSchema = alertSchema.extend({
  /** When sending it last failed; milliseconds since 1970. */
  last_failed_at: z.number().optional(),
});

/** An alert as it lies in the queue, with what is known of sending it. */
export type QueuedAlert = z.infer<typeof queuedSchema>;

/** An alert that this forwarder has taken and not settled. */
export interface InHand {
  /** As it was taken. */
  readonly item: string;
  readonly alert: QueuedAlert;
  /** It may be what a request failed for: it gets one of its own, so that it costs no other alert anything. */
  readonly isSuspect: boolean;
}

/** What an item holds, or what is wrong with it. */
export function readItem(item: string): InHand | { readonly item: string; readonly problem: string } {
  let json: unknown;
  try {
    json = readJson(item);
  } catch (error) {
    return { item, problem: error instanceof SyntaxError ? 'no JSON' : (error as Error).message };
  }
  const { success, data, error } = queuedSchema.safeParse(json);
  if (!success) return { item, problem: `no alert: ${z.prettifyError(error)}` };
  return { item, alert: data, isSuspect: (data.attempts ?? 0) > 0 };
}

/** What one request carries: a suspect alone, or those before the next suspect, up to `most`. */
export function nextBatch(held: readonly InHand[], most: number): InHand[] {
  const [first] = held;
  if (first === undefined || first.isSuspect) return held.slice(0, 1);
  const suspect = held.findIndex(({ isSuspect }) => isSuspect);
  return held.slice(0, Math.min(most, suspect === -1 ? held.length : suspect));
}

/** What Moog gets of it. */
export function toSend({ attempts: _attempts, last_failed_at: _lastFailedAt, ...alert }: QueuedAlert): Alert {
  return alert;
}
