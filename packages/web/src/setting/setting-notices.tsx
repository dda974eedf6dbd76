import { Alert, Anchor, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';
import { draft, useDraft } from '../draft/use-draft.ts';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { shortened } from '../ui/shortened.ts';

interface SettingNoticesProps {
  readonly name: string;
  readonly entry: ListedEntry | undefined;
  readonly setting: DeclaredSetting | null;
}

/** What is wrong with a setting, or about to change. */
export function SettingNotices({ name, entry, setting }: SettingNoticesProps): ReactNode {
  const collected = useDraft().find(({ key }) => key === name);
  return (
    <>
      {entry?.invalid != null && (
        <Alert color="red" title="The value is invalid: services keep the last good one">
          <Text size="sm">{shortened(entry.invalid, 2_000)}</Text>
        </Alert>
      )}
      {setting?.deprecated != null && (
        <Alert color="yellow" title="Deprecated">
          <Text size="sm">{setting.deprecated}</Text>
        </Alert>
      )}
      {setting?.conflict != null && (
        <Alert color="yellow" title="Its services disagree about it">
          <Text size="sm">{setting.conflict}</Text>
        </Alert>
      )}
      {collected !== undefined && (
        <Alert color="gray" title="A change of it is collected, not applied yet">
          {!collected.isSecret && <ChangeDiff before={collected.baseValue} after={collected.value} />}
          <Group mt={4}>
            <Anchor component="button" type="button" size="xs" onClick={() => draft.remove([name])}>
              Take it out of the change set
            </Anchor>
          </Group>
        </Alert>
      )}
    </>
  );
}
