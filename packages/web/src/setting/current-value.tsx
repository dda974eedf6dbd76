import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';
import { useMayEdit, useSession } from '../session/use-session.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { shortened } from '../ui/shortened.ts';
import { TimeAgo } from '../ui/time-ago.tsx';
import { ValueText } from '../ui/value-text.tsx';
import { meaningOf } from './meaning.ts';
import { RevealedSecret } from './revealed-secret.tsx';
import { SettingEditor } from './setting-editor.tsx';
import classes from './setting.module.css';

const MOST_SHOWN = 20_000;
const MOST_OF_NAME = 256;

interface CurrentValueProps {
  readonly name: string;
  readonly entry: ListedEntry | undefined;
  readonly setting: DeclaredSetting | null;
}

/** What a setting holds, since when and by whom; to be changed by those who may. */
export function CurrentValue({ name, entry, setting }: CurrentValueProps): ReactNode {
  const mayEdit = useMayEdit();
  const { role } = useSession();
  return (
    <section aria-label="The value">
      <Group gap="xs" mb={6}>
        <Text size="xs" c="dimmed" role="status">
          <Since entry={entry} hasDefault={setting?.default != null} />
        </Text>
        {entry !== undefined && !entry.masked && <CopyButton text={entry.value} label="Copy the value" />}
      </Group>
      {mayEdit ? (
        <SettingEditor {...{ name, entry, setting }} />
      ) : (
        <>
          <ShownValue entry={entry} setting={setting} />
          <Text size="xs" c="dimmed" mt="xs">
            You may look, not change: your role is {role}.
          </Text>
        </>
      )}
      {entry?.masked === true && (
        <div style={{ marginTop: 12 }}>
          <RevealedSecret name={name} revision={entry.revision} />
        </div>
      )}
    </section>
  );
}

function Since({
  entry,
  hasDefault,
}: {
  readonly entry: ListedEntry | undefined;
  readonly hasDefault: boolean;
}): ReactNode {
  if (entry === undefined) return hasDefault ? 'Not set: its default holds' : 'Not set';
  const { changed_by: who, changed_at: when, revision } = entry;
  return (
    <>
      {when === null ? (
        'Written to the Redis directly'
      ) : (
        <>
          Set by {shortened(who ?? 'somebody', MOST_OF_NAME)} <TimeAgo time={when} />
        </>
      )}{' '}
      · revision {revision}
    </>
  );
}

function ShownValue({ entry, setting }: Pick<CurrentValueProps, 'entry' | 'setting'>): ReactNode {
  if (entry === undefined || entry.value.length < 100) {
    const value = entry?.value ?? setting?.default ?? null;
    const meaning = value === null || setting === null ? null : meaningOf(value, setting);
    return (
      <div>
        <ValueText value={value} setting={setting} />
        {meaning !== null && (
          <Text size="xs" c="dimmed">
            {meaning}
          </Text>
        )}
      </div>
    );
  }
  return <pre className={classes['value']}>{shortened(entry.value, MOST_SHOWN)}</pre>;
}
