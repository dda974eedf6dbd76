import { useSyncExternalStore, type ReactNode } from 'react';

const TICK_MS = 10_000;
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });

/** One clock for all times on a page. */
const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const one of listeners) one();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** How long ago a time is, in words; the time itself on hover. */
export function TimeAgo({ time }: { readonly time: string }): ReactNode {
  const text = useSyncExternalStore(subscribe, () => wordsFor(Date.parse(time), Math.max(nowMs, Date.parse(time))));
  return (
    <time dateTime={time} title={new Date(time).toLocaleString()}>
      {text}
    </time>
  );
}

function wordsFor(thenMs: number, untilMs: number): string {
  const seconds = (thenMs - untilMs) / 1_000;
  for (const [unit, length] of UNITS) {
    if (-seconds >= length) return words.format(Math.round(seconds / length), unit);
  }
  return 'just now';
}
