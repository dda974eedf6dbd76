import { useEffect, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import type { DryRunReply } from '../api/replies.ts';
import { request } from '../api/request.ts';

/** Typing is not interrupted: what is typed is checked once it rests. */
const REST_MS = 250;
/** Where reasons are a must, a check needs one, too; it is recorded nowhere. */
const REASON = 'a check, while somebody types';

/** What the server says of a value that is not set yet. */
export interface ServerCheck {
  readonly state: 'none' | 'checking' | 'taken' | 'refused' | 'failed';
  /** Why it is refused. */
  readonly problem: string | null;
  /** What whoever sets it should know. */
  readonly notices: readonly string[];
}

const NONE: ServerCheck = { state: 'none', problem: null, notices: [] };

/** @param value null: there is nothing to check. */
export function useServerCheck(key: string, value: string | null): ServerCheck {
  const [answer, setAnswer] = useState<{ readonly value: string; readonly check: ServerCheck } | null>(null);
  useEffect(() => {
    if (value === null) return undefined;
    const overtaken = new AbortController();
    const timer = setTimeout(() => {
      void checkedBy(key, value, overtaken.signal).then((check) => {
        if (!overtaken.signal.aborted) setAnswer({ value, check });
      });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      overtaken.abort();
    };
  }, [key, value]);
  if (value === null) return NONE;
  if (answer?.value === value) return answer.check;
  // What was refused is shown until there is another answer: a message that comes and goes is not read.
  return { ...(answer?.check ?? NONE), state: 'checking' };
}

async function checkedBy(key: string, value: string, signal: AbortSignal): Promise<ServerCheck> {
  try {
    const { notices } = await request<DryRunReply>('/changes', {
      method: 'POST',
      body: { changes: [{ key, value }], dry_run: true, reason: REASON },
      signal,
    });
    return { state: 'taken', problem: null, notices };
  } catch (error) {
    const isRefusal = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
    const message = error instanceof Error ? error.message : String(error);
    if (isRefusal) return { state: 'refused', problem: message, notices: [] };
    return { state: 'failed', problem: `It could not be checked yet: ${message}`, notices: [] };
  }
}
