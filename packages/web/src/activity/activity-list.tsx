import { useMemo, useState, type ReactNode } from 'react';
import type { AuditSearch } from '../app/router.tsx';
import { changeSetsOf, type ChangeSet } from '../trail/change-sets.ts';
import type { FeedState, RecordFeed } from '../trail/record-feed.ts';
import { TrailList } from '../trail/trail-list.tsx';
import { useNowMs } from '../ui/use-now-ms.ts';
import classes from './activity.module.css';
import { ChangeRow } from './change-row.tsx';
import { ROW_HEIGHTS, rowsOf } from './rows.ts';
import { SetAbout } from './set-about.tsx';
import { SetRow } from './set-row.tsx';

interface ActivityListProps {
  readonly sets: readonly ChangeSet[];
  readonly state: FeedState;
  readonly feed: RecordFeed;
  readonly filters: AuditSearch;
  readonly onFilter: (filters: AuditSearch) => void;
  readonly onUndo: (set: ChangeSet) => void;
}

/** The change sets by day; each opens to what it changed. */
export function ActivityList({ sets, state, feed, filters, onFilter, onUndo }: ActivityListProps): ReactNode {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const nowMs = useNowMs();
  const hasMore = state.cursor !== null;
  const rows = useMemo(() => rowsOf(sets, { open, hasMore, nowMs }), [sets, open, hasMore, nowMs]);
  const toggle = (id: string): void =>
    setOpen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]));
  return (
    <TrailList
      label="Changes"
      {...{ state, feed }}
      count={rows.length}
      idOf={(index) => rows[index]?.id ?? String(index)}
      heightOf={(index) => ROW_HEIGHTS[rows[index]?.kind ?? 'set']}
      news={newsWords(changeSetsOf(state.pending).length)}
      renderBody={(children, heightPx) => (
        <ol className={classes['list']} style={{ height: heightPx }}>
          {children}
        </ol>
      )}
      renderRow={(index, place) => {
        const row = rows[index];
        if (row === undefined) return null;
        return (
          <li key={row.id} {...place} data-kind={row.kind}>
            {row.kind === 'day' && <h2 className={classes['day']}>{row.words}</h2>}
            {row.kind === 'set' && (
              <SetRow
                {...row}
                isFresh={row.set.records.some(({ id }) => state.fresh.has(id))}
                toggle={() => toggle(row.id)}
              />
            )}
            {row.kind === 'about' && <SetAbout set={row.set} {...{ filters, onFilter, onUndo }} />}
            {row.kind === 'change' && <ChangeRow record={row.record} />}
          </li>
        );
      }}
    />
  );
}

function newsWords(count: number): string {
  return count === 1 ? '1 new change' : `${count.toLocaleString('en')} new changes`;
}
