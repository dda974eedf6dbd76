import { retryAfterMs } from './backoff.ts';

/** What became of a request. */
export type Answer =
  | { readonly outcome: 'delivered' }
  /** Moog works, and does not want what it was sent. */
  | { readonly outcome: 'rejected'; readonly reason: string }
  /** It may well go better later. */
  | {
      readonly outcome: 'failed';
      readonly kind: FailureKind;
      readonly reason: string;
      /** As Moog asks; 0 for nothing. */
      readonly retryAfterMs: number;
    }
  /** Cut off, since the forwarder stops. */
  | { readonly outcome: 'abandoned' };

/** `busy` says nothing of what was sent: Moog gets more than it wants. */
type FailureKind = 'busy' | 'status' | 'redirect' | 'network' | 'timeout';

/** So much of what Moog said is kept with a dead letter. */
const QUOTED = 500;
const TRY_LATER = new Set([408, 425]);

/** @param body its beginning is enough */
export function answerOf(status: number, retryAfter: string | null, body: string, nowMs: number): Answer {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  const quoted = body.trim().slice(0, QUOTED);
  const reason = quoted === '' ? `HTTP ${status}` : `HTTP ${status}: ${quoted}`;
  const kind = kindOf(status);
  return kind === null
    ? { outcome: 'rejected', reason }
    : { outcome: 'failed', kind, reason, retryAfterMs: retryAfterMs(retryAfter, nowMs) };
}

function kindOf(status: number): FailureKind | null {
  if (status === 429) return 'busy';
  // Followed, it could carry alerts, and the API key, to anywhere.
  if (status >= 300 && status < 400) return 'redirect';
  return status >= 400 && status < 500 && !TRY_LATER.has(status) ? null : 'status';
}
