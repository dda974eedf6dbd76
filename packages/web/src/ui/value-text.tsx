import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DeclaredSetting } from '../api/replies.ts';
import { shortened } from './shortened.ts';
import classes from './value-text.module.css';

const MOST_SHOWN = 200;
const MOST_LOOKED_AT = 2_000;

interface ValueTextProps {
  /** null: neither set nor declared with a default. */
  readonly value: string | null;
  readonly setting: DeclaredSetting | null;
  readonly isDimmed?: boolean;
}

/** A value on one line, as its type is read: cut where it is long. */
export function ValueText({ value, setting, isDimmed = false }: ValueTextProps): ReactNode {
  if (value === null) {
    return (
      <Text span size="sm" c="dimmed" fs="italic">
        not set
      </Text>
    );
  }
  if (setting?.type === 'boolean' && /^(true|false)$/.test(value)) {
    return (
      <Text span size="sm" truncate {...(isDimmed && { c: 'dimmed' })}>
        <span className={classes['dot']} data-on={value === 'true' || undefined} aria-hidden /> {value}
      </Text>
    );
  }
  const unit = setting?.unit ?? null;
  return (
    <Text span size="sm" ff="monospace" truncate {...(isDimmed && { c: 'dimmed' })}>
      {value === '' ? '""' : onOneLine(value)}
      {unit !== null && (
        // On a phone, the value needs the room.
        <Text span size="xs" c="dimmed" visibleFrom="xs">
          {' '}
          {unit}
        </Text>
      )}
    </Text>
  );
}

function onOneLine(value: string): string {
  // Of a long value, no more is looked at than what is shown.
  return shortened(value.slice(0, MOST_LOOKED_AT).replaceAll(/[ \t\r\n]+/g, ' '), MOST_SHOWN);
}
