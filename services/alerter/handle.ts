import { deadLetter, failedOnce } from '../pipeline/dead-letter.ts';
import { eventSchema } from '../pipeline/event.ts';
import type { Event } from '../pipeline/event.ts';
import { QUEUES } from '../pipeline/queues.ts';
import { readJson } from '../pipeline/read-json.ts';
import type { Move } from '../pipeline/work-queue.ts';
import { decide } from './decide.ts';
import type { Intake } from './intake.ts';
import type { RuleSet } from './rule-set.ts';

export const OUTCOMES = ['page', 'ticket', 'ignored', 'unhandled', 'shed', 'failed', 'dead'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Nothing else is done meanwhile. A worker is silent for 300 ms before others may take it for dead. */
const BUSY_MS = 50;

/** An item of the queue: what became of it, and where it goes. */
export interface Handled {
  readonly outcome: Outcome;
  readonly move: Move;
  /** null: it was none. */
  readonly event: Event | null;
  /** Why, where that is not plain from the outcome: the rule, or what is wrong. */
  readonly because?: string;
}

export interface Circumstances {
  readonly rules: Pick<RuleSet, 'rules' | 'isDevHost'>;
  readonly intake: Intake;
  /** How many events that no rule matched are kept. */
  readonly unhandledKeep: number;
}

/** Never throws: whatever lies in the queue goes somewhere. */
export function handle(item: string, circumstances: Circumstances): Handled {
  const event = toEvent(item);
  if (typeof event === 'string') return dead(item, event);
  try {
    return handleEvent(item, event, circumstances);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    const move = failed(item, because);
    return { outcome: move.to === QUEUES.alerterDlq ? 'dead' : 'failed', move, event, because };
  }
}

/** The first of some items, and as many more as take no longer than `BUSY_MS`: heartbeats must not be kept waiting. */
export function handleSome(
  items: readonly string[],
  circumstances: Circumstances,
  now: () => number = () => performance.now(),
): Handled[] {
  const startedAt = now();
  const handled: Handled[] = [];
  for (const item of items) {
    handled.push(handle(item, circumstances));
    if (now() - startedAt > BUSY_MS) break;
  }
  return handled;
}

/** Where an item goes that could not be worked on: to be tried again, at most twice. */
export function failed(item: string, reason: string): Move {
  return failedOnce(item, { queue: QUEUES.ingest, dlq: QUEUES.alerterDlq, service: 'alerter', reason });
}

function handleEvent(item: string, event: Event, { rules, intake, unhandledKeep }: Circumstances): Handled {
  const decision = decide(event, rules);
  if (decision.outcome === 'ignored') return { outcome: 'ignored', move: { item }, event, because: decision.rule };
  if (decision.outcome === 'unhandled') {
    return { outcome: 'unhandled', move: { item, to: QUEUES.unhandled, keep: unhandledKeep }, event };
  }
  // Only what would make the alert queue longer is shed.
  if (intake.mode === 'shed') return { ...dead(item, intake.reason), outcome: 'shed', event };
  const { alert } = decision;
  const move = { item, to: QUEUES.alert, as: JSON.stringify(alert) };
  return { outcome: alert.handling, move, event, because: alert.rule };
}

function dead(item: string, because: string): Handled {
  const move = { item, to: QUEUES.alerterDlq, as: deadLetter(item, because, 'alerter') };
  return { outcome: 'dead', move, event: null, because };
}

/** The event, or why it is none. */
function toEvent(item: string): Event | string {
  let value: unknown;
  try {
    value = readJson(item);
  } catch (error) {
    return error instanceof SyntaxError ? 'is not JSON' : (error as Error).message;
  }
  const parsed = eventSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path = [], message } = parsed.error.issues[0] ?? {};
  return `is no event: ${[...path, message].join(': ')}`;
}
