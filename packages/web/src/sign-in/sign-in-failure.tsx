import { Alert } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import { secondsInWords } from './seconds-in-words.ts';

/** Why the sign-in was refused; and where it may be tried again later, how long that is, from now. */
export function SignInFailure({ failure }: { readonly failure: Error }): ReactNode {
  const seconds = useSecondsLeft(failure);
  return (
    <Alert color="red" role="alert" p="xs">
      {seconds === null ? failure.message : `Too many attempts. ${whenIn(seconds)}`}
    </Alert>
  );
}

function whenIn(seconds: number): string {
  return seconds > 0 ? `You can try again in ${secondsInWords(seconds)}.` : 'You can try again now.';
}

/** null: there is nothing to wait for. Each failure is shown anew, so this one stays what it is. */
function useSecondsLeft(failure: Error): number | null {
  const wait = failure instanceof ApiError && failure.status === 429 ? failure.retryAfterSeconds : null;
  const [left, setLeft] = useState(wait);
  useEffect(() => {
    if (wait === null) return undefined;
    const until = performance.now() + wait * 1_000;
    const timer = setInterval(() => {
      const seconds = Math.max(0, Math.ceil((until - performance.now()) / 1_000));
      setLeft(seconds);
      if (seconds === 0) clearInterval(timer);
    }, 1_000);
    return () => clearInterval(timer);
  }, [wait]);
  return left;
}
