import { readJson } from './read-json.ts';
import type { Move } from './work-queue.ts';

/** So often is an item tried. */
const MOST_ATTEMPTS = 3;

/** An item as it lies in a dead letter queue: whole, and why it is there. */
export function deadLetter(item: string, reason: string, service: string): string {
  return JSON.stringify({ item, reason, service, failed_at: new Date().toISOString() });
}

/**
 * Where an item goes that could not be worked on: back into the queue, with one more attempt counted, and the third time,
 * or when attempts can't be counted since it is no JSON object that could be written again, to the dead letter queue.
 */
export function failedOnce(
  item: string,
  { queue, dlq, service, reason }: { queue: string; dlq: string; service: string; reason: string },
): Move {
  const parsed = parseObject(item);
  const attempts = Number(parsed?.['attempts'] ?? 0) + 1;
  if (parsed !== null && attempts < MOST_ATTEMPTS) {
    return { item, to: queue, as: JSON.stringify({ ...parsed, attempts }) };
  }
  return { item, to: dlq, as: deadLetter(item, reason, service) };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value = readJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
