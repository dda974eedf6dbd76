import { Anchor, Badge, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { ListedEntry } from '../api/replies.ts';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { shortened } from '../ui/shortened.ts';
import { TimeAgo } from '../ui/time-ago.tsx';
import classes from './history.module.css';
import type { HistoryStep } from './steps-of-history.ts';

interface HistoryItemProps {
  readonly step: HistoryStep;
  readonly entry: ListedEntry | undefined;
  readonly isMasked: boolean;
  /** undefined: one may not, or it is what holds now. */
  readonly onRevert?: ((step: HistoryStep) => void) | undefined;
}

/** What fits on a line is shown on one. */
const MOST_ON_A_LINE = 60;
const MOST_OF_NAME = 256;

/** One thing that happened to a setting. */
export function HistoryItem({ step, entry, isMasked, onRevert }: HistoryItemProps): ReactNode {
  const [isCompared, setCompared] = useState(false);
  const { who, what, note, reason, revision, change } = step;
  const isNow = change !== null && entry !== undefined && entry.revision === revision;
  const after = change?.after ?? null;
  const isCompareable = change !== null && !isMasked && after !== (entry?.value ?? null);
  const isOnOneLine = change !== null && isShort(change.before) && isShort(after);
  return (
    <li className={classes['step']} data-now={isNow || undefined}>
      <div className={classes['head']}>
        <Text span size="sm">
          {who !== null && <strong>{shortened(who, MOST_OF_NAME)} </strong>}
          {what}
        </Text>
        {change !== null && isOnOneLine && <ChangeLine before={change.before} after={after} />}
        <Text span size="xs" c="dimmed">
          <TimeAgo time={step.changedAt} />
          {revision !== null && ` · revision ${revision}`}
        </Text>
        {isNow && (
          <Badge size="xs" variant="default" tt="none">
            now
          </Badge>
        )}
        <span className={classes['actions']}>
          {isCompareable && (
            <Anchor component="button" type="button" size="xs" onClick={() => setCompared(!isCompared)}>
              {isCompared ? 'Hide' : 'Compare with now'}
            </Anchor>
          )}
          {onRevert !== undefined && (
            <Anchor component="button" type="button" size="xs" onClick={() => onRevert(step)}>
              Revert to this
            </Anchor>
          )}
        </span>
      </div>
      {reason !== null && reason !== '' && (
        <Text size="sm" className={classes['reason']}>
          {shortened(reason, 500)}
        </Text>
      )}
      {note !== null && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
      {change !== null && !isOnOneLine && <ChangeDiff before={change.before} after={after} />}
      {isCompared && (
        <div className={classes['compared']}>
          <Text size="xs" c="dimmed" mb={2}>
            From then to now:
          </Text>
          <ChangeDiff before={after} after={entry?.value ?? null} />
        </div>
      )}
    </li>
  );
}

function ChangeLine({ before, after }: { readonly before: string | null; readonly after: string | null }): ReactNode {
  return (
    <span className={classes['change']}>
      <Value text={before} /> → <Value text={after} />
    </span>
  );
}

function Value({ text }: { readonly text: string | null }): ReactNode {
  if (text === null) return <em className={classes['unset']}>not set</em>;
  return <bdi>{text === '' ? '""' : shortened(text, MOST_ON_A_LINE)}</bdi>;
}

function isShort(text: string | null): boolean {
  return text === null || (text.length <= MOST_ON_A_LINE && !text.includes('\n'));
}
