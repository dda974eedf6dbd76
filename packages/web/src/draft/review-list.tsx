import { Anchor, Button, Group, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { ListedEntry } from '../api/replies.ts';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { KeyName } from '../ui/key-name.tsx';
import { ConflictNotice } from './conflict-notice.tsx';
import type { DraftChange, DraftChanges } from './draft.ts';

const PAGE = 50;

interface ReviewListProps {
  readonly changes: DraftChanges;
  readonly byKey: ReadonlyMap<string, ListedEntry> | null;
  readonly overtaken: DraftChanges;
  /** What is wrong with one of them. */
  readonly problem: { readonly key: string; readonly text: string } | null;
  readonly replace: (change: DraftChange) => void;
  readonly drop: (key: string) => void;
}

/** Each change as it differs; first those that something is wrong with. */
export function ReviewList({ changes, byKey, overtaken, problem, replace, drop }: ReviewListProps): ReactNode {
  const [shown, setShown] = useState(PAGE);
  const isWrong = (change: DraftChange): boolean => overtaken.includes(change) || change.key === problem?.key;
  const sorted = [...changes.filter(isWrong), ...changes.filter((change) => !isWrong(change))];
  return (
    <>
      {sorted.slice(0, shown).map((change) => (
        <section key={change.key} aria-label={change.key}>
          <Group justify="space-between" wrap="nowrap" mb={4}>
            <KeyName name={change.key} />
            {changes.length > 1 && (
              <Anchor
                component="button"
                type="button"
                size="xs"
                style={{ whiteSpace: 'nowrap' }}
                aria-label={`Leave out ${change.key}`}
                onClick={() => drop(change.key)}
              >
                Leave out
              </Anchor>
            )}
          </Group>
          {overtaken.includes(change) ? (
            <ConflictNotice {...{ change, theirs: byKey?.get(change.key), replace, drop }} />
          ) : (
            <ChangeDiff before={masked(change, change.baseValue)} after={masked(change, change.value)} />
          )}
          {problem?.key === change.key && (
            <Text size="sm" c="red" role="alert" mt={4}>
              {problem.text}
            </Text>
          )}
        </section>
      ))}
      {sorted.length > shown && (
        <Group justify="center">
          <Button variant="default" onClick={() => setShown(shown + PAGE)}>
            Show {Math.min(PAGE, sorted.length - shown)} more of {sorted.length.toLocaleString('en')}
          </Button>
        </Group>
      )}
    </>
  );
}

function masked(change: DraftChange, value: string | null): string | null {
  return change.isSecret && value !== null ? '••••••' : value;
}
