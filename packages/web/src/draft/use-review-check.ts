import { useEffect, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import type { DryRunReply } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { toChange, type DraftChanges } from './draft.ts';
import { tooMany } from './refusal.ts';

/** What the server says of changes before they are applied. */
export interface ReviewCheck {
  readonly isReasonRequired: boolean;
  readonly refusal: ApiError | null;
  readonly notices: readonly string[];
}

const NOTHING: ReviewCheck = { isReasonRequired: false, refusal: null, notices: [] };

/** Asks the server what it would say, at once and whenever the changes are others. */
export function useReviewCheck(changes: DraftChanges): ReviewCheck {
  const [check, setCheck] = useState(NOTHING);
  useEffect(() => {
    const overtaken = new AbortController();
    void checked(changes, overtaken.signal).then((answer) => {
      if (!overtaken.signal.aborted) setCheck(answer);
    });
    return () => overtaken.abort();
  }, [changes]);
  return check;
}

async function checked(changes: DraftChanges, signal: AbortSignal): Promise<ReviewCheck> {
  if (changes.length === 0 || tooMany(changes) !== null) return NOTHING;
  const dryRun = async (reason?: string): Promise<ReviewCheck> => {
    const body = { changes: changes.map(toChange), dry_run: true, reason };
    const { notices } = await request<DryRunReply>('/changes', { method: 'POST', body, signal });
    return { ...NOTHING, notices };
  };
  try {
    return await dryRun();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'reason_required') return refusedBy(error);
  }
  try {
    return { ...(await dryRun('a check, before it is applied')), isReasonRequired: true };
  } catch (error) {
    return { ...refusedBy(error), isReasonRequired: true };
  }
}

/** Only what will be so when it is applied, too. */
function refusedBy(error: unknown): ReviewCheck {
  const isRefusal = error instanceof ApiError && ['value_invalid', 'forbidden', 'key_invalid'].includes(error.code);
  return { ...NOTHING, refusal: isRefusal ? error : null };
}
