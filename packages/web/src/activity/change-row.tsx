import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditRecord } from '../api/replies.ts';
import { isMasked, stepOf } from '../trail/record-words.ts';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { SettingLink } from '../ui/setting-link.tsx';
import classes from './activity.module.css';

/** One change of a change set that is open. */
export function ChangeRow({ record }: { readonly record: AuditRecord }): ReactNode {
  const { key } = record;
  if (key === null) return null;
  const sentence = insteadOfDiff(record);
  return (
    <div className={classes['change']}>
      <SettingLink name={key} />
      {sentence === null ? (
        <ChangeDiff {...stepOf(record)} />
      ) : (
        <Text size="sm" c="dimmed">
          {sentence}
        </Text>
      )}
    </div>
  );
}

/** null: the values are shown. */
function insteadOfDiff(record: AuditRecord): string | null {
  if (record.operation === 'REVEAL') return 'Its value was read.';
  return isMasked(record) ? 'A secret: what it holds is not shown.' : null;
}
