import { Button, Group, Stack, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useBlocker } from '@tanstack/react-router';
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';
import { ConflictNotice } from '../draft/conflict-notice.tsx';
import { isOvertaken, type DraftChange, type DraftChanges } from '../draft/draft.ts';
import { draft } from '../draft/use-draft.ts';
import { useCheck } from './use-check.ts';
import { ValueField } from './value-field.tsx';

interface SettingEditorProps {
  /** Shown again for another key. */
  readonly settingKey: string;
  readonly entry: ListedEntry | null;
  readonly setting: DeclaredSetting | null;
  readonly onReview: (changes: DraftChanges) => void;
}

/** What the key held when one began to type. */
interface Base {
  readonly value: string | null;
  readonly revision: number;
}

interface Edit extends Base {
  readonly text: string;
}

/** The value, to be changed: checked as one types, and applied only after a review. */
export function SettingEditor({ settingKey: key, entry, setting, onReview }: SettingEditorProps): ReactNode {
  const isSecret = setting?.secret ?? false;
  const [edit, setEdit] = useState<Edit | null>(null);
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const base: Base = edit ?? { value: isSecret ? null : (entry?.value ?? null), revision: entry?.revision ?? 0 };
  const unchanged = isSecret ? '' : (base.value ?? setting?.default ?? '');
  const text = edit?.text ?? unchanged;
  const change: DraftChange = { key, value: text, baseValue: base.value, baseRevision: base.revision, isSecret };
  const isDirty = edit !== null && text !== unchanged;
  const isLate = isDirty && isOvertaken(change, entry ?? undefined);
  const { problem, isRunning } = useCheck(key, isDirty ? text : null);
  const stop = (): void => setEdit(null);

  useBlocker({
    shouldBlockFn: () => isDirty && !confirm('The new value is not applied yet. Leave it?'),
    enableBeforeUnload: () => isDirty,
  });
  useHotkeys([['e', () => field.current?.focus()]]);
  const review = (): void => {
    stop();
    onReview([change]);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') stop();
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && isDirty) review();
  };
  const reset = (): void => {
    onReview([{ ...change, value: null, baseValue: entry?.value ?? null, baseRevision: entry?.revision ?? 0 }]);
  };

  return (
    <Stack gap="xs" onKeyDown={onKeyDown}>
      <ValueField
        {...{ setting }}
        value={text}
        error={problem}
        fieldRef={field}
        onChange={(next) => setEdit({ ...base, text: next })}
      />
      {isLate && (
        <ConflictNotice
          change={change}
          theirs={entry ?? undefined}
          replace={({ baseValue, baseRevision }) => setEdit({ text, value: baseValue, revision: baseRevision })}
          drop={stop}
        />
      )}
      <Group gap="xs">
        <Button onClick={review} disabled={!isDirty || isLate}>
          Review …
        </Button>
        <Button
          variant="default"
          disabled={!isDirty || isLate}
          onClick={() => {
            draft.put([change]);
            stop();
          }}
        >
          Add to change set
        </Button>
        {isDirty && (
          <Button variant="subtle" color="gray" onClick={stop}>
            Revert
          </Button>
        )}
        {entry !== null && !isDirty && (
          <Button variant="subtle" color="gray" onClick={reset}>
            {setting?.default == null ? 'Delete …' : 'Reset to default …'}
          </Button>
        )}
        <Text size="xs" c="dimmed" aria-live="polite">
          {isDirty && isRunning ? 'Checking …' : isDirty && problem === null ? 'Ctrl+Enter reviews' : ''}
        </Text>
      </Group>
    </Stack>
  );
}
