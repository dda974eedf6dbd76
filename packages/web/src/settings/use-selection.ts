import { useCallback, useMemo, useState } from 'react';
import type { Row } from './rows.ts';

export interface Selection {
  /** Of the rows that are shown: what a filter hides is not touched. */
  readonly rows: readonly Row[];
  readonly isAll: boolean;
  readonly has: (key: string) => boolean;
  /** The same function always, so that rows need not be drawn again. */
  readonly toggle: (key: string) => void;
  /** All that are shown, or none where all are. */
  readonly toggleAll: () => void;
  readonly clear: () => void;
}

const NONE: ReadonlySet<string> = new Set();

/** Which rows are selected. */
export function useSelection(shown: readonly Row[]): Selection {
  const [keys, setKeys] = useState(NONE);
  const rows = useMemo(() => (keys.size === 0 ? [] : shown.filter(({ key }) => keys.has(key))), [shown, keys]);
  const toggle = useCallback((key: string): void => {
    setKeys((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);
  const clear = useCallback((): void => setKeys(NONE), []);
  const isAll = rows.length > 0 && rows.length === shown.length;
  const toggleAll = (): void => (isAll ? clear() : setKeys(new Set(shown.map(({ key }) => key))));
  return { rows, isAll, has: (key) => keys.has(key), toggle, toggleAll, clear };
}
