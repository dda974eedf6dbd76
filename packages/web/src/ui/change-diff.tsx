import { VisuallyHidden } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import { wordsApart, type Word } from './words-apart.ts';
import classes from './change-diff.module.css';

interface ChangeDiffProps {
  /** null: not set. */
  readonly before: string | null;
  /** null: deleted. */
  readonly after: string | null;
}

/** What is longer, or has lines of its own, may have to be scrolled: by keyboard, too. */
const MOST_UNSCROLLED = 200;

/**
 * What a value was and what it becomes: two lines, with what differs marked. Not drawn again at every key of the reason that
 * somebody types below.
 */
export const ChangeDiff = memo(function ChangeDiff({ before, after }: ChangeDiffProps): ReactNode {
  const parts = partsOf(before, after);
  const scrolls = [before, after].some(
    (value) => value !== null && (value.length > MOST_UNSCROLLED || value.includes('\n')),
  );
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- whatever scrolls must take the focus
    <div className={classes['diff']} {...(scrolls && { tabIndex: 0, role: 'group', 'aria-label': 'The change' })}>
      <div className={classes['removed']}>
        <span className={classes['sign']} aria-hidden>
          −
        </span>
        <VisuallyHidden>before: </VisuallyHidden>
        {before === null ? <em>not set</em> : parts.before}
      </div>
      <div className={classes['added']}>
        <span className={classes['sign']} aria-hidden>
          +
        </span>
        <VisuallyHidden>after: </VisuallyHidden>
        {after === null ? <em>deleted</em> : parts.after}
      </div>
    </div>
  );
});

function partsOf(was: string | null, is: string | null): { before: ReactNode; after: ReactNode } {
  const { before, after } = wordsApart(was, is);
  return { before: marked(before), after: marked(after) };
}

function marked(words: readonly Word[] | null): ReactNode {
  // oxlint-disable-next-line react/no-array-index-key -- they only ever change as a whole
  return words?.map(({ text, differs }, n) => (differs ? <mark key={n}>{text}</mark> : text)) ?? null;
}
