import { useEffect, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { request } from '../api/request.ts';

const PAUSE_MS = 250;

/** What the server says of a value before it is set: why it would be refused. */
export interface Check {
  readonly isRunning: boolean;
  readonly problem: string | null;
}

const NOTHING: Check = { isRunning: false, problem: null };

/**
 * Asks the server whether a value may be set, once one stops typing.
 *
 * @param text null: there is nothing to ask.
 */
export function useCheck(key: string, text: string | null): Check {
  const [known, setKnown] = useState<{ readonly of: string; readonly problem: string | null } | null>(null);
  useEffect(() => {
    if (text === null) return undefined;
    const overtaken = new AbortController();
    const timer = setTimeout(() => {
      void problemWith(key, text, overtaken.signal).then((problem) => {
        if (!overtaken.signal.aborted) setKnown({ of: text, problem });
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      overtaken.abort();
    };
  }, [key, text]);
  if (text === null) return NOTHING;
  return known?.of === text ? { isRunning: false, problem: known.problem } : { isRunning: true, problem: null };
}

async function problemWith(key: string, value: string, signal: AbortSignal): Promise<string | null> {
  try {
    await request('/changes', { method: 'POST', body: { changes: [{ key, value }], dry_run: true }, signal });
    return null;
  } catch (error) {
    // What is said of the reason belongs to the review.
    if (!(error instanceof ApiError) || error.code === 'reason_required') return null;
    return error.message;
  }
}
