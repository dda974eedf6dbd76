import { newEventSchema } from '../pipeline/event.ts';
import type { Event } from '../pipeline/event.ts';
import { IngestError } from './ingest-error.ts';

export const MAX_EVENTS = 1_000;
/** An answer names no more bad events than this. */
const MOST_NAMED = 20;

interface Received {
  readonly correlationId: string;
  readonly receivedAt: string;
  readonly newId: () => string;
}

/**
 * The events of a request: one, an array of them, or `{ "events": [ … ] }`.
 *
 * @throws IngestError that names each bad event by its index, and the rules that it breaks.
 */
export function readBatch(body: unknown, { correlationId, receivedAt, newId }: Received): Event[] {
  const given = eventsOf(body);
  const events: Event[] = [];
  const bad: { readonly index: number; readonly problems: readonly string[] }[] = [];
  for (const [index, one] of given.entries()) {
    const parsed = newEventSchema.safeParse(one);
    if (parsed.success) {
      const { id = newId(), correlation_id = correlationId, ...event } = parsed.data;
      events.push({ id, ...event, source: 'http', correlation_id, received_at: receivedAt });
    } else bad.push({ index, problems: parsed.error.issues.map((issue) => describe(issue, one)) });
  }
  const [first] = bad;
  if (first === undefined) return events;
  throw new IngestError(
    'events_invalid',
    `${bad.length} of ${given.length} events cannot be taken, so none was. The first is at index ${first.index}: ${first.problems.join('; ')}.`,
    { details: { bad_events: bad.length, events: bad.slice(0, MOST_NAMED) }, events: given.length },
  );
}

function eventsOf(body: unknown): readonly unknown[] {
  const events = listOf(body);
  if (events.length === 0) throw new IngestError('request_invalid', `A batch has 1 to ${MAX_EVENTS} events.`);
  if (events.length > MAX_EVENTS) {
    throw new IngestError(
      'payload_too_large',
      `A batch has at most ${MAX_EVENTS} events, and this one ${events.length}: send it in parts.`,
      { events: events.length },
    );
  }
  return events;
}

function listOf(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body;
  if (typeof body !== 'object' || body === null) {
    throw new IngestError('request_invalid', 'Send an event as a JSON object, or an array of them.');
  }
  const { events, ...rest } = body as { readonly events?: unknown };
  return Array.isArray(events) && Object.keys(rest).length === 0 ? events : [body];
}

type Issue = NonNullable<ReturnType<typeof newEventSchema.safeParse>['error']>['issues'][number];

function describe(issue: Issue, event: unknown): string {
  const field = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') return `unknown fields: ${issue.keys.join(', ').slice(0, 200)}`;
  if (field === '') return issue.message;
  const isMissing = (event as Readonly<Record<string, unknown>>)[field] === undefined;
  return isMissing ? `${field} is required` : `${field}: ${issue.message}`;
}
