import { UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditRecord } from '../api/replies.ts';
import type { FeedState, RecordFeed } from '../trail/record-feed.ts';
import { cutTo, OPERATION_WORDS, SOURCE_WORDS } from '../trail/record-words.ts';
import { TrailList } from '../trail/trail-list.tsx';
import { ValueStep } from '../trail/value-step.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import classes from './audit-table.module.css';

interface AuditTableProps {
  readonly state: FeedState;
  readonly feed: RecordFeed;
  readonly open: (record: AuditRecord) => void;
}

const COLUMNS = ['Record', 'Time', 'Who', 'What', 'Key', 'From → to', 'Reason', 'Written', 'Revision', 'Hash'] as const;
const ROW_PX = 33;
/** Longer than any cell. */
const MOST_SHOWN = 200;
/** As many characters of a hash as tell it from others. */
const HASH_START = 8;

/** The records, one a line. */
export function AuditTable({ state, feed, open }: AuditTableProps): ReactNode {
  const { records, pending, fresh } = state;
  return (
    <TrailList
      label="Records"
      {...{ state, feed }}
      count={records.length}
      idOf={(index) => String(records[index]?.id ?? -index)}
      heightOf={() => ROW_PX}
      news={pending.length === 1 ? '1 new record' : `${pending.length.toLocaleString('en')} new records`}
      renderBody={(children, heightPx) => (
        <table className={classes['table']}>
          <thead className={classes['head']}>
            <tr className={classes['row']}>
              {COLUMNS.map((name) => (
                <th key={name} scope="col" data-column={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className={classes['body']} style={{ height: heightPx }}>
            {children}
          </tbody>
        </table>
      )}
      renderRow={(index, place) => {
        const record = records[index];
        if (record === undefined) return null;
        return (
          <tr
            key={record.id}
            {...place}
            className={`${classes['row']} ${classes['record']}`}
            data-fresh={fresh.has(record.id)}
            data-tone={record.source === 'commit' ? 'calm' : 'warning'}
            onClick={() => open(record)}
          >
            <Cells record={record} open={() => open(record)} />
          </tr>
        );
      }}
    />
  );
}

function Cells({ record, open }: { readonly record: AuditRecord; readonly open: () => void }): ReactNode {
  const { id, changed_at, changed_by, operation, key, reason, source, revision, hash } = record;
  return (
    <>
      <td data-column="Record">
        <UnstyledButton
          data-row-button
          className={classes['open']}
          aria-label={`Open record ${id}`}
          onClick={(event) => {
            event.stopPropagation();
            open();
          }}
        >
          {id}
        </UnstyledButton>
      </td>
      <td data-column="Time">
        <TimeAgo time={changed_at} />
      </td>
      <td data-column="Who">
        <bdi>{cutTo(MOST_SHOWN, changed_by ?? '')}</bdi>
      </td>
      <td data-column="What">{OPERATION_WORDS[operation]}</td>
      <td data-column="Key">
        <bdi>{cutTo(MOST_SHOWN, key ?? '')}</bdi>
      </td>
      <td data-column="From → to">
        <ValueStep record={record} most={60} />
      </td>
      <td data-column="Reason">
        <bdi>{cutTo(MOST_SHOWN, reason ?? '')}</bdi>
      </td>
      <td data-column="Written">{SOURCE_WORDS[source ?? ''] ?? source}</td>
      <td data-column="Revision">{revision}</td>
      <td data-column="Hash">{hash.slice(0, HASH_START)}</td>
    </>
  );
}
