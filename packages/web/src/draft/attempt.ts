import type { ApiError } from '../api/api-error.ts';
import type { DraftChanges } from './draft.ts';

/** What was sent, or is about to be, to apply changes. */
export interface Attempt {
  readonly changes: DraftChanges;
  readonly reason: string;
  readonly force: boolean;
  /** The server applies an id once. */
  readonly requestId: string;
  /** It may be applied: nobody said that it is not. */
  readonly isUnknown: boolean;
}

type Content = Pick<Attempt, 'changes' | 'reason' | 'force'>;

/** The next attempt: the last one again, where that may be applied already and is the same; otherwise one of its own. */
export function nextAttempt(last: Attempt | null, content: Content, newId: () => string): Attempt {
  const isSame = last?.changes === content.changes && last.reason === content.reason && last.force === content.force;
  return last !== null && isSame && last.isUnknown ? last : { ...content, requestId: newId(), isUnknown: false };
}

/** An attempt after it failed. That the next one was not even looked at says nothing of the first. */
export function failedAttempt(attempt: Attempt, error: Pick<ApiError, 'isOutcomeUnknown' | 'status'>): Attempt {
  const wasLookedAt = error.status < 500 && error.status !== 401 && error.status !== 429;
  return { ...attempt, isUnknown: error.isOutcomeUnknown || (attempt.isUnknown && !wasLookedAt) };
}
