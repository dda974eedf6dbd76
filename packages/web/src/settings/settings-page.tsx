import { Box, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { ImportFile } from '../draft/import-file.tsx';
import { useEntries } from '../live/use-entries.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { NoSettings } from './no-settings.tsx';
import { beginQuickEdit } from './quick-edit.tsx';
import {
  filterRows,
  Rows,
  SHOWS,
  sortRows,
  toItems,
  ungrouped,
  type Filter,
  type Item,
  type Show,
  type SortBy,
} from './rows.ts';
import { SettingsActions } from './settings-actions.tsx';
import { SettingsFilters } from './settings-filters.tsx';
import { rowId, SettingsTable } from './settings-table.tsx';
import { useSelection } from './use-selection.ts';
import { useSettings } from './use-settings.ts';

const route = getRouteApi('/signed-in/');
const PAGE_ROWS = 15;

/** All settings: found as one types, live, by keyboard. */
export function SettingsPage(): ReactNode {
  const { byKey, revision } = useEntries();
  const settings = useSettings();
  const [known] = useState(() => new Rows());
  const rows = useMemo(() => known.of(byKey ?? new Map(), settings), [known, byKey, settings]);
  const { filter, change } = useFilter();
  const search = useRef<HTMLInputElement>(null);
  const [sort, setSort] = useState<SortBy>('key');
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const todayMs = startOfToday();

  // Typing comes first: the rows follow when there is time.
  const deferred = useDeferredValue(filter);
  const shown = useMemo(() => sortRows(filterRows(rows, deferred, todayMs), sort), [rows, deferred, todayMs, sort]);
  const isGrouped = sort === 'key' && deferred.query === '';
  const items = useMemo(() => (isGrouped ? toItems(shown, closed) : ungrouped(shown)), [shown, closed, isGrouped]);
  const selection = useSelection(shown);
  const [editingKey, setEditingKey] = useState<string | null>(null);
  const active = activeKey === null ? -1 : items.findIndex((item) => nameOf(item) === activeKey);
  const navigate = useNavigate();

  const open = (item: Item): void => {
    setActiveKey(nameOf(item));
    if (item.type === 'row') void navigate({ to: '/setting', search: { key: item.row.key } });
    else setClosed(toggled(closed, item.name));
  };
  const move = (to: number): void => {
    const item = items[Math.min(Math.max(to, 0), items.length - 1)];
    if (item !== undefined) setActiveKey(nameOf(item));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isTyping = event.target === search.current;
    const at = items[active];
    const row = !isTyping && at?.type === 'row' ? at.row : undefined;
    const moves: Readonly<Record<string, (() => void) | undefined>> = {
      ArrowDown: () => move(active + 1),
      ArrowUp: () => move(active - 1),
      PageDown: () => move(active + PAGE_ROWS),
      PageUp: () => move(active - PAGE_ROWS),
      Home: isTyping ? undefined : () => move(0),
      End: isTyping ? undefined : () => move(items.length - 1),
      Enter: at && (() => open(at)),
      x: row && (() => selection.toggle(row.key)),
      e: row && (() => beginQuickEdit(row, setEditingKey)),
      Escape: () => {
        setActiveKey(null);
        selection.clear();
        change({ query: '', show: null, service: null });
      },
    };
    const act = moves[event.key];
    if (act === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  useHotkeys([['/', () => search.current?.select()]]);

  const activeId = active < 0 ? undefined : rowId(active);
  return (
    <Page
      title="Settings"
      isFlush
      about={byKey === null ? undefined : `${countOf(shown.length, rows.length)} · revision ${revision}`}
      actions={
        byKey !== null && (
          <>
            <ImportFile />
            <SettingsActions selection={selection} />
          </>
        )
      }
    >
      {byKey === null ? (
        <Loading />
      ) : rows.length === 0 ? (
        <NoSettings />
      ) : (
        <>
          <SettingsFilters {...{ rows, filter, todayMs, activeId, onKeyDown }} searchRef={search} onChange={change} />
          {items.length === 0 ? (
            <Box px="md">
              <Text size="sm" c="dimmed">
                No setting matches. Esc shows all.
              </Text>
            </Box>
          ) : (
            <SettingsTable
              {...{ items, active, sort, selection, editingKey, onKeyDown }}
              onSort={setSort}
              onOpen={open}
              onEdit={setEditingKey}
            />
          )}
        </>
      )}
    </Page>
  );
}

/** The filter is in the address of the page, so that it can be shared; and here at once, so that typing never waits. */
function useFilter(): { filter: Filter; change: (change: Partial<Filter>) => void } {
  const { q, show, service } = route.useSearch();
  const navigate = useNavigate();
  const [query, setQuery] = useState(q ?? '');
  const filter = useMemo(
    () => ({ query, show: SHOWS.find((one): one is Show => one === show) ?? null, service: service ?? null }),
    [query, show, service],
  );
  const change = (part: Partial<Filter>): void => {
    const next = { ...filter, ...part };
    setQuery(next.query);
    const search = {
      ...(next.query !== '' && { q: next.query }),
      ...(next.show !== null && { show: next.show }),
      ...(next.service !== null && { service: next.service }),
    };
    void navigate({ to: '/', search, replace: true });
  };
  return { filter, change };
}

function startOfToday(): number {
  return new Date().setHours(0, 0, 0, 0);
}

function nameOf(item: Item): string {
  return item.type === 'group' ? `group ${item.name}` : item.row.key;
}

function toggled(set: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(name)) next.add(name);
  return next;
}

function countOf(shown: number, all: number): string {
  const settings = all === 1 ? '1 setting' : `${all.toLocaleString('en')} settings`;
  return shown === all ? settings : `${shown.toLocaleString('en')} of ${settings}`;
}
