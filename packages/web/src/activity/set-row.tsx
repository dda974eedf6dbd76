import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ChangeSet } from '../trail/change-sets.ts';
import { cutTo, sentenceOf } from '../trail/record-words.ts';
import { ValueStep } from '../trail/value-step.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import classes from './activity.module.css';

interface SetRowProps {
  readonly set: ChangeSet;
  readonly isOpen: boolean;
  readonly mayHaveMore: boolean;
  readonly isFresh: boolean;
  readonly toggle: () => void;
}

/** Longer than any line. */
const MOST_SHOWN = 300;

/** A change set in a line, as `alice changed 3 settings · incident 4711 · 2 min ago`; it opens. */
export function SetRow({ set, isOpen, mayHaveMore, isFresh, toggle }: SetRowProps): ReactNode {
  const { who, did, key } = sentenceOf(set, mayHaveMore);
  const { newest } = set;
  return (
    <UnstyledButton
      className={classes['set']}
      onClick={toggle}
      aria-expanded={isOpen}
      data-row-button
      data-fresh={isFresh}
      data-tone={toneOf(set)}
    >
      <IconChevronRight size={14} className={classes['chevron']} aria-hidden />
      <span className={classes['what']}>
        {who !== null && <bdi className={classes['who']}>{cutTo(MOST_SHOWN, who)} </bdi>}
        {did}
        {key !== null && (
          <>
            {' '}
            <bdi className={classes['key']}>{cutTo(MOST_SHOWN, key)}</bdi> <ValueStep record={newest} isInSentence />
          </>
        )}
      </span>
      <bdi className={classes['why']}>{cutTo(MOST_SHOWN, newest.reason ?? '')}</bdi>
      <span className={classes['when']}>
        <TimeAgo time={newest.changed_at} />
      </span>
    </UnstyledButton>
  );
}

/** What did not come through us, and what is missing, is not to be overlooked. */
function toneOf({ newest: { operation, source } }: ChangeSet): 'calm' | 'warning' {
  return operation === 'GAP' || source === 'out-of-band' ? 'warning' : 'calm';
}
