import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditRecord } from '../api/replies.ts';
import classes from './value-step.module.css';
import { cutTo, isMasked, stepOf } from './record-words.ts';

interface ValueStepProps {
  readonly record: AuditRecord;
  /** Characters of each value. */
  readonly most?: number;
  /** What was done is said already. */
  readonly isInSentence?: boolean;
}

/** What a key held and what it holds since, in one line. */
export function ValueStep({ record, most = 40, isInSentence = false }: ValueStepProps): ReactNode {
  const { before, after } = stepOf(record);
  if (record.operation === 'REVEAL' || record.operation === 'GAP') return null;
  if (isMasked(record)) return <span className={classes['quiet']}>secret</span>;
  if (isInSentence && before !== null && after === null) {
    return <bdi className={`${classes['step']} ${classes['before']}`}>{shown(before, most)}</bdi>;
  }
  return (
    <span className={classes['step']}>
      {before !== null && (
        <>
          <bdi className={classes['before']}>{shown(before, most)}</bdi>
          <span aria-hidden> → </span>
          <VisuallyHidden component="span"> to </VisuallyHidden>
        </>
      )}
      {after === null ? <span className={classes['quiet']}>deleted</span> : <bdi>{shown(after, most)}</bdi>}
    </span>
  );
}

function shown(value: string, most: number): ReactNode {
  if (value === '') return <span className={classes['quiet']}>empty</span>;
  return cutTo(most, value);
}
