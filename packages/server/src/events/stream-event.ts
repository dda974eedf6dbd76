import type { Commit, Head, Update } from '@mutt/dynamic-config';
import type { Sight } from '../auth/visibility.ts';
import { commitJson, entryJson, headJson } from '../config/json-shapes.ts';

/**
 * What clients are told of a step of the replica:
 * - `commit`: a change set.
 * - `invalidated`: keys of a change set that is not to be announced.
 * - `observed`: values that somebody wrote past us; null: deleted.
 * - `reset`: the state moved without commits that could be told; load everything anew.
 */
export type StreamEvent = { readonly head: Head } & (
  | { readonly type: 'commit'; readonly commit: Commit }
  | { readonly type: 'invalidated'; readonly keys: readonly string[] }
  | { readonly type: 'observed'; readonly changes: Update['changes'] }
  | { readonly type: 'reset' }
);

export function toStreamEvent({ commit, head, previousHead, changes }: Update, isHushed: boolean): StreamEvent {
  if (commit !== null) {
    if (isHushed) return { type: 'invalidated', head, keys: commit.changes.map(({ key }) => key) };
    return { type: 'commit', head, commit };
  }
  if (head.epoch !== previousHead.epoch || head.revision !== previousHead.revision || head.hash !== previousHead.hash) {
    return { type: 'reset', head };
  }
  return { type: 'observed', head, changes };
}

/** What is told of a secret that is not shown: that it changed. Without a value, which nobody could take for one. */
const MASKED = { masked: true } as const;

/** An event as text, with what a client sees of it; null when that is nothing. */
export function eventText(event: StreamEvent, sight: Sight): string | null {
  switch (event.type) {
    case 'commit': {
      const changes = seen(event.commit.changes, sight).map(({ key, value }) =>
        sight(key) === 'masked' ? { key, ...MASKED } : { key, value },
      );
      if (changes.length === 0) return null;
      return toText('commit', event.head, { ...commitJson({ ...event.commit, changes: [] }), changes });
    }
    case 'invalidated': {
      const keys = event.keys.filter((key) => sight(key) !== 'absent');
      return keys.length === 0 ? null : toText('invalidated', event.head, { keys });
    }
    case 'observed': {
      const entries = seen(event.changes, sight).map(({ key, value, ...origin }) => {
        if (sight(key) === 'masked') return [key, MASKED];
        return [key, value === null ? null : entryJson({ value, ...origin })];
      });
      if (entries.length === 0) return null;
      return toText('observed', event.head, { entries: Object.fromEntries(entries) as Record<string, unknown> });
    }
    case 'reset':
  }
  return toText('reset', event.head, {});
}

function seen<C extends { readonly key: string }>(changes: readonly C[], sight: Sight): readonly C[] {
  return changes.filter(({ key }) => sight(key) !== 'absent');
}

/** The first event of a stream. With an id only where none of what follows it is older. */
export function connectedText(head: Head, isResumed: boolean): string {
  return isResumed ? `event: connected\ndata: ${JSON.stringify(headJson(head))}\n\n` : toText('connected', head, {});
}

/** The id says where a client stands that has seen the event. */
function toText(type: string, head: Head, data: Readonly<Record<string, unknown>>): string {
  return `id: ${head.epoch}:${head.revision}\nevent: ${type}\ndata: ${JSON.stringify({ ...headJson(head), ...data })}\n\n`;
}
