import { Badge, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { memo, type ReactNode } from 'react';
import type { DeclaredSetting } from '../api/replies.ts';
import type { DraftChange } from '../draft/draft.ts';
import { useMayEdit } from '../session/use-session.ts';
import { legible } from '../ui/legible.ts';
import { shortened } from '../ui/shortened.ts';
import { TimeAgo } from '../ui/time-ago.tsx';
import { ValueText } from '../ui/value-text.tsx';
import { quickKind } from './quick-change.ts';
import { QuickEditButton, QuickEditField } from './quick-edit.tsx';
import type { Row } from './rows.ts';
import classes from './settings-table.module.css';
import { isNumeric, Sparkline } from './sparkline.tsx';

/** Longer than its column. */
const MOST_OF_NAME = 60;

interface SettingRowProps {
  readonly row: Row;
  readonly id: string;
  /** In the whole table, from 1. */
  readonly index: number;
  readonly offsetPx: number;
  readonly isInGroup: boolean;
  readonly isActive: boolean;
  /** A change of it was seen a moment ago. */
  readonly isLit: boolean;
  readonly isSelected: boolean;
  readonly isEditing: boolean;
  /** What is collected for it, and not applied yet. */
  readonly collected: DraftChange | null;
  readonly onSelect: (key: string) => void;
  readonly onEdit: (key: string | null) => void;
}

/** One setting in the table. */
export const SettingRow = memo(function SettingRow(props: SettingRowProps): ReactNode {
  const { row, id, index, offsetPx, isInGroup, isActive, isLit, isSelected, onSelect } = props;
  const { key, entry, setting } = row;
  const invalid = entry?.invalid ?? null;
  return (
    <div
      id={id}
      role="row"
      tabIndex={-1}
      aria-rowindex={index}
      aria-selected={isSelected}
      className={classes['row']}
      data-in-group={isInGroup || undefined}
      data-active={isActive || undefined}
      data-selected={isSelected || undefined}
      data-lit={isLit ? (entry?.revision ?? 0) % 2 : undefined}
      style={{ transform: `translateY(${offsetPx}px)` }}
    >
      <div role="gridcell" className={classes['select']}>
        <label>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Select ${key}`}
            checked={isSelected}
            onChange={() => onSelect(key)}
          />
        </label>
      </div>
      <div role="gridcell" className={classes['key']}>
        <a
          href={`/setting?key=${encodeURIComponent(key)}`}
          tabIndex={-1}
          className={classes['link']}
          title={setting?.description ?? key}
        >
          {legible(key)}
        </a>
        {invalid !== null && (
          <Badge
            size="xs"
            title={invalid}
            color="red"
            variant="light"
            radius="sm"
            tt="none"
            leftSection={<IconAlertTriangle size={10} aria-hidden />}
          >
            <span className={classes['badge']}>invalid</span>
          </Badge>
        )}
        {setting?.deprecated != null && (
          <Badge size="xs" color="gray" variant="outline" radius="sm" tt="none">
            deprecated
          </Badge>
        )}
      </div>
      <div role="gridcell" className={classes['value']}>
        <ValueCell {...props} />
      </div>
      <div role="gridcell" className={classes['trend']}>
        {entry !== null && !entry.masked && isNumeric(entry.value) && (
          <Sparkline settingKey={key} value={entry.value} revision={entry.revision} />
        )}
      </div>
      <div role="gridcell" className={classes['type']}>
        {setting?.type ?? <span title="No service declares it">undeclared</span>}
      </div>
      <div role="gridcell" className={classes['who']}>
        {entry === null ? '' : shortened(entry.changed_by ?? 'out of band', MOST_OF_NAME)}
      </div>
      <div role="gridcell" className={classes['when']}>
        {entry?.changed_at != null && <TimeAgo time={entry.changed_at} />}
      </div>
    </div>
  );
});

function ValueCell({ row, isEditing, collected, onEdit }: SettingRowProps): ReactNode {
  const { entry, setting, value } = row;
  const mayEdit = useMayEdit();
  const next = collected === null ? value : collected.value;
  if (isEditing && next !== null) return <QuickEditField {...{ row, onEdit }} value={next} />;
  return (
    <>
      <ValueText value={value} setting={setting} isDimmed={entry === null || collected !== null} />
      {entry === null && setting !== null && value !== null && (
        <Text span size="xs" c="dimmed" visibleFrom="xs">
          default
        </Text>
      )}
      {collected !== null && <Collected change={collected} setting={setting} />}
      {mayEdit && next !== null && quickKind(row) !== null && <QuickEditButton {...{ row, onEdit }} value={next} />}
    </>
  );
}

interface CollectedProps {
  readonly change: DraftChange;
  readonly setting: DeclaredSetting | null;
}

/** What it will be, once the change set is applied. */
function Collected({ change, setting }: CollectedProps): ReactNode {
  const next = change.isSecret && change.value !== null ? '••••••' : change.value;
  const fallback = setting?.default ?? null;
  return (
    <span className={classes['collected']} title="Collected, not applied yet">
      <span>→</span>
      {next === null && fallback === null ? 'deleted' : <ValueText value={next ?? fallback} setting={setting} />}
      {next === null && fallback !== null && <span>by default</span>}
    </span>
  );
}
