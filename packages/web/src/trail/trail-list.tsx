import { Button, VisuallyHidden } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type CSSProperties, type ReactNode } from 'react';
import type { FeedState, RecordFeed } from './record-feed.ts';
import { TrailEnd } from './trail-end.tsx';
import classes from './trail-list.module.css';

/** What puts a row in its place, and measures it. */
interface RowPlace {
  readonly ref: (element: Element | null) => void;
  readonly style: CSSProperties;
  readonly 'data-index': number;
}

interface TrailListProps {
  readonly label: string;
  readonly state: FeedState;
  readonly feed: RecordFeed;
  readonly count: number;
  readonly idOf: (index: number) => string;
  readonly heightOf: (index: number) => number;
  readonly renderRow: (index: number, place: RowPlace) => ReactNode;
  /** What the pending records are to the reader. */
  readonly news: string;
  /** The list or table that the rows belong into; they are placed within this height. */
  readonly renderBody: (rows: readonly ReactNode[], heightPx: number) => ReactNode;
}

/** Nearer to the top than this, new rows may come in by themselves. */
const AT_TOP_PX = 8;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 15;
const OVERSCAN = 8;

/** Rows of any number, of which only those in sight are in the page. New ones slide in at the top, or wait to be asked for. */
export function TrailList(props: TrailListProps): ReactNode {
  const { label, state, feed, count, idOf, heightOf, renderRow, news, renderBody } = props;
  const scroller = useRef<HTMLElement>(null);
  const [isAtTop, setAtTop] = useState(true);
  // oxlint-disable-next-line react/incompatible-library -- nothing below is memoized by its functions
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    getItemKey: idOf,
    estimateSize: heightOf,
    overscan: OVERSCAN,
  });
  const shown = rows.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  const isNearEnd = lastShown >= count - AHEAD;
  const mayLoad = isNearEnd && !state.isLoading && state.error === null && state.cursor != null && !state.isFull;
  useEffect(() => {
    if (mayLoad) void feed.loadMore();
  }, [mayLoad, feed, count]);
  useEffect(() => {
    const element = scroller.current;
    element?.addEventListener('keydown', goThroughRows);
    return () => element?.removeEventListener('keydown', goThroughRows);
  }, []);
  const hasNews = state.pending.length > 0;
  useEffect(() => {
    if (hasNews && isAtTop) feed.showPending();
  }, [hasNews, isAtTop, feed]);

  return (
    <div className={classes['frame']}>
      {hasNews && !isAtTop && (
        <Button
          className={classes['news']}
          size="compact-sm"
          radius="xl"
          leftSection={<IconArrowUp size={14} />}
          onClick={() => {
            feed.showPending();
            scroller.current?.scrollTo({ top: 0 });
          }}
        >
          {news}
        </Button>
      )}
      <VisuallyHidden component="output">{hasNews && !isAtTop ? news : ''}</VisuallyHidden>
      <section
        ref={scroller}
        className={classes['scroller']}
        aria-label={label}
        onScroll={({ currentTarget }) => setAtTop(currentTarget.scrollTop < AT_TOP_PX)}
        data-others={state.isOfOthers}
      >
        {renderBody(
          shown.map(({ index, start }) =>
            renderRow(index, {
              ref: rows.measureElement,
              style: { transform: `translateY(${start}px)` },
              'data-index': index,
            }),
          ),
          rows.getTotalSize(),
        )}
        <TrailEnd {...{ state, feed }} />
      </section>
    </div>
  );
}

/** ↑ and ↓ go from row to row, by what each has to press. */
function goThroughRows(this: HTMLElement, event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const buttons = [...this.querySelectorAll<HTMLElement>('[data-row-button]')];
  const inOrder = buttons.toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
  const now = inOrder.indexOf(document.activeElement as HTMLElement);
  if (now === -1) return;
  event.preventDefault();
  inOrder[now + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
}
