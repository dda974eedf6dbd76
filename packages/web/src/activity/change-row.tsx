import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditRecord } from '../api/replies.ts';
import { isMasked, stepOf } from '../trail/record-words.ts';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { SettingLink } from '../ui/setting-link.tsx';
import classes from './activity.module.css';

/** One change of a change set that is open. */
export function ChangeRow({ record }: { readonly record: AuditRecord }): ReactNode {
  const { key, operation } = record;
  if (key === null) return null;
  return (
    <div className={classes['change']}>
      <SettingLink name={key} />
      {isMasked(record) ? (
        <Text size="sm" c="dimmed">
          {operation === 'REVEAL' ? 'Its value was read.' : 'A secret: what it holds is not shown.'}
        </Text>
      ) : (
        <ChangeDiff {...stepOf(record)} />
      )}
    </div>
  );
}
