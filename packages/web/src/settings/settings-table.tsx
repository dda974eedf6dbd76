import { UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useReducer, useRef, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { useDraft } from '../draft/use-draft.ts';
import { useEntries } from '../live/use-entries.tsx';
import type { Item, SortBy } from './rows.ts';
import { SettingRow } from './setting-row.tsx';
import classes from './settings-table.module.css';
import type { Selection } from './use-selection.ts';

const ROW_PX = 36;
const LIT_MS = 2_500;

interface SettingsTableProps {
  readonly items: readonly Item[];
  /** The place of the one that the keyboard is at; -1: none. */
  readonly active: number;
  readonly sort: SortBy;
  readonly selection: Selection;
  /** The key of the row whose number is being typed; null: none. */
  readonly editingKey: string | null;
  readonly onSort: (by: SortBy) => void;
  readonly onOpen: (item: Item, place: number) => void;
  readonly onEdit: (key: string | null) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

const HEADERS: readonly { readonly label: string; readonly className: string; readonly sort?: SortBy }[] = [
  { label: 'Key', className: 'key', sort: 'key' },
  { label: 'Value', className: 'value' },
  { label: 'Trend', className: 'trend' },
  { label: 'Type', className: 'type' },
  { label: 'Changed by', className: 'who', sort: 'who' },
  { label: 'When', className: 'when', sort: 'changed' },
];

/** How the row is called that the keyboard is at: for the search field, too, which keeps the focus meanwhile. */
export function rowId(place: number): string {
  return `setting-${place}`;
}

/** Thousands of settings, of which only those that are seen are drawn. */
export function SettingsTable(props: SettingsTableProps): ReactNode {
  const { items, active, sort, selection, editingKey, onSort, onOpen, onEdit, onKeyDown } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const isLit = useLitKeys();
  const changes = useDraft();
  const collected = useMemo(() => new Map(changes.map((change) => [change.key, change])), [changes]);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  useEffect(() => {
    if (active >= 0) virtualizer.scrollToIndex(active);
  }, [active, virtualizer]);
  const open = (event: MouseEvent, item: Item, place: number): void => {
    if (event.defaultPrevented || (event.target as Element).closest('label') !== null) return;
    // The link of a row is a plain one, which costs less than one of the router's; to a new tab it leads by itself.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(item, place);
  };

  return (
    <div
      role="treegrid"
      aria-label="Settings"
      aria-rowcount={items.length + 1}
      aria-multiselectable
      aria-activedescendant={active < 0 ? undefined : rowId(active)}
      tabIndex={0}
      className={classes['table']}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup">
        <div role="row" tabIndex={-1} aria-rowindex={1} className={classes['head']}>
          <SelectAll selection={selection} />
          {HEADERS.map(({ label, className, sort: by }) => (
            <div
              key={label}
              role="columnheader"
              tabIndex={-1}
              className={classes[className]}
              aria-sort={by === sort ? (by === 'changed' ? 'descending' : 'ascending') : undefined}
            >
              {by === undefined ? (
                label
              ) : (
                <UnstyledButton
                  className={classes['sort']}
                  data-active={by === sort || undefined}
                  onClick={() => onSort(by)}
                  title={`Sort by ${label.toLowerCase()}`}
                >
                  {label}
                </UnstyledButton>
              )}
            </div>
          ))}
        </div>
      </div>
      <div ref={scroll} className={classes['scroll']} role="rowgroup" tabIndex={0}>
        <div role="presentation" className={classes['body']} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const item = items[index];
            if (item === undefined) return null;
            const isActive = index === active;
            return (
              <div key={keyOf(item)} role="presentation" onClick={(event) => open(event, item, index)}>
                {item.type === 'group' ? (
                  <GroupRow item={item} place={index} offsetPx={start} isActive={isActive} />
                ) : (
                  <SettingRow
                    row={item.row}
                    id={rowId(index)}
                    index={index + 2}
                    offsetPx={start}
                    isActive={isActive}
                    isInGroup={item.isInGroup}
                    isLit={isLit(item.row.key)}
                    isSelected={selection.has(item.row.key)}
                    isEditing={item.row.key === editingKey}
                    collected={collected.get(item.row.key) ?? null}
                    onSelect={selection.toggle}
                    onEdit={onEdit}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function SelectAll({ selection }: { readonly selection: Selection }): ReactNode {
  return (
    <div role="columnheader" tabIndex={-1} className={classes['select']}>
      <label title="Select all that are shown">
        <input
          type="checkbox"
          aria-label="Select all that are shown"
          checked={selection.isAll}
          ref={(box) => {
            if (box !== null) box.indeterminate = selection.rows.length > 0 && !selection.isAll;
          }}
          onChange={selection.toggleAll}
        />
      </label>
    </div>
  );
}

interface GroupRowProps {
  readonly item: Item & { readonly type: 'group' };
  readonly place: number;
  readonly offsetPx: number;
  readonly isActive: boolean;
}

function GroupRow({ item, place, offsetPx, isActive }: GroupRowProps): ReactNode {
  return (
    <div
      id={rowId(place)}
      role="row"
      tabIndex={-1}
      aria-rowindex={place + 2}
      aria-expanded={!item.isClosed}
      className={classes['group']}
      data-active={isActive || undefined}
      style={{ transform: `translateY(${offsetPx}px)` }}
    >
      <div role="gridcell" className={classes['key']}>
        {item.isClosed ? <IconChevronRight size={14} aria-hidden /> : <IconChevronDown size={14} aria-hidden />}
        {item.name} <span className={classes['type']}>{item.count}</span>
      </div>
    </div>
  );
}

function keyOf(item: Item): string {
  return item.type === 'group' ? `group ${item.name}` : item.row.key;
}

/** Whether a change of a key was seen a moment ago; drawn again once it is not any more. */
function useLitKeys(): (key: string) => boolean {
  const { litAtMs } = useEntries();
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (litAtMs.size === 0) return undefined;
    const timer = setTimeout(tick, LIT_MS);
    return () => clearTimeout(timer);
  }, [litAtMs]);
  return (key) => performance.now() - (litAtMs.get(key) ?? -Infinity) < LIT_MS;
}
