import type { Head, Update } from '@mutt/dynamic-config';
import { commitJson, entryJson, headJson } from '../config/json-shapes.ts';

/** One event as text. Its id says where a client stands that has seen it. */
export function toServerSentEvent(type: string, head: Head, data: Readonly<Record<string, unknown>>): string {
  return `id: ${head.epoch}:${head.revision}\nevent: ${type}\ndata: ${JSON.stringify({ ...headJson(head), ...data })}\n\n`;
}

/**
 * What clients are told of a step of the replica:
 * - `commit`: a change set, whole.
 * - `invalidated`: keys of a change set that is not to be announced.
 * - `observed`: values that somebody wrote past us; null: deleted.
 * - `reset`: the state moved without commits that could be told; load everything anew.
 */
export function updateEvent(update: Update, isHushed: boolean): string {
  const { commit, head, previousHead, changes } = update;
  if (commit !== null) {
    if (isHushed) return toServerSentEvent('invalidated', head, { keys: commit.changes.map(({ key }) => key) });
    return toServerSentEvent('commit', head, commitJson(commit));
  }
  if (head.epoch !== previousHead.epoch || head.revision !== previousHead.revision || head.hash !== previousHead.hash) {
    return toServerSentEvent('reset', head, {});
  }
  const entries = changes.map(({ key, value, ...origin }) => [
    key,
    value === null ? null : entryJson({ value, ...origin }),
  ]);
  return toServerSentEvent('observed', head, { entries: Object.fromEntries(entries) as Record<string, unknown> });
}
