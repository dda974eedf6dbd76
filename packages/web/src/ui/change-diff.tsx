import { VisuallyHidden } from '@mantine/core';
import { diffWordsWithSpace } from 'diff';
import type { ReactNode } from 'react';
import { legible } from './legible.ts';
import classes from './change-diff.module.css';

interface ChangeDiffProps {
  /** null: not set. */
  readonly before: string | null;
  /** null: deleted. */
  readonly after: string | null;
}

/** Above this, finding the words that differ takes longer than a frame. */
const MOST_COMPARED = 4_000;
const MOST_SHOWN = 20_000;
/** What is longer, or has lines of its own, may have to be scrolled: by keyboard, too. */
const MOST_UNSCROLLED = 200;

/** What a value was and what it becomes: two lines, with what differs marked. */
export function ChangeDiff({ before, after }: ChangeDiffProps): ReactNode {
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
}

function partsOf(was: string | null, is: string | null): { before: ReactNode; after: ReactNode } {
  const before = was === null ? null : legible(cut(was));
  const after = is === null ? null : legible(cut(is));
  if (before === null || after === null || before.length + after.length > MOST_COMPARED) {
    return { before, after };
  }
  const parts = diffWordsWithSpace(before, after);
  const isWhole = !parts.some(({ added, removed }) => !added && !removed);
  const mark = (text: string, isMarked: boolean, n: number): ReactNode =>
    isMarked && !isWhole ? <mark key={n}>{text}</mark> : text;
  return {
    before: parts.filter(({ added }) => !added).map(({ value, removed }, n) => mark(value, removed, n)),
    after: parts.filter(({ removed }) => !removed).map(({ value, added }, n) => mark(value, added, n)),
  };
}

function cut(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}… (${text.length} characters)` : text;
}
