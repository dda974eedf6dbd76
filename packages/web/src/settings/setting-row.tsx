import { Badge, Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo, type ReactNode } from 'react';
import { TimeAgo } from '../ui/time-ago.tsx';
import { ValueText } from '../ui/value-text.tsx';
import type { Row } from './rows.ts';
import classes from './settings-table.module.css';

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
}

/** One setting in the table. */
export const SettingRow = memo(function SettingRow(props: SettingRowProps): ReactNode {
  const { row, id, index, offsetPx, isInGroup, isActive, isLit } = props;
  const { key, entry, setting, value } = row;
  const invalid = entry?.invalid ?? null;
  return (
    <div
      id={id}
      role="row"
      tabIndex={-1}
      aria-rowindex={index}
      aria-selected={isActive}
      className={classes['row']}
      data-in-group={isInGroup || undefined}
      data-active={isActive || undefined}
      data-lit={isLit ? (entry?.revision ?? 0) % 2 : undefined}
      style={{ transform: `translateY(${offsetPx}px)` }}
    >
      <div role="gridcell" className={classes['key']}>
        <Link
          to="/setting"
          search={{ key }}
          tabIndex={-1}
          className={classes['link']}
          title={setting?.description ?? key}
        >
          {key}
        </Link>
        {invalid !== null && (
          <Tooltip label={invalid} multiline maw={420}>
            <Badge
              size="xs"
              color="red"
              variant="light"
              radius="sm"
              tt="none"
              leftSection={<IconAlertTriangle size={10} aria-hidden />}
            >
              invalid
            </Badge>
          </Tooltip>
        )}
        {setting?.deprecated != null && (
          <Badge size="xs" color="gray" variant="outline" radius="sm" tt="none">
            deprecated
          </Badge>
        )}
      </div>
      <div role="gridcell" className={classes['value']}>
        <ValueText value={value} setting={setting} isDimmed={entry === null} />
        {entry === null && setting !== null && value !== null && (
          <Text span size="xs" c="dimmed">
            default
          </Text>
        )}
      </div>
      <div role="gridcell" className={classes['trend']} />
      <div role="gridcell" className={classes['type']}>
        {setting?.type ?? <span title="No service declares it">undeclared</span>}
      </div>
      <div role="gridcell" className={classes['who']}>
        {entry?.changed_by ?? (entry === null ? '' : 'out of band')}
      </div>
      <div role="gridcell" className={classes['when']}>
        {entry?.changed_at != null && <TimeAgo time={entry.changed_at} />}
      </div>
    </div>
  );
});
