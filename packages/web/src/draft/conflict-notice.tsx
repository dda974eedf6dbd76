import { Alert, Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ListedEntry } from '../api/replies.ts';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { shortened } from '../ui/shortened.ts';
import { TimeAgo } from '../ui/time-ago.tsx';
import type { DraftChange } from './draft.ts';

const MOST_OF_VALUE = 40;
const MOST_OF_NAME = 60;

interface ConflictNoticeProps {
  readonly change: DraftChange;
  /** undefined: it was deleted. */
  readonly theirs: ListedEntry | undefined;
  readonly replace: (change: DraftChange) => void;
  readonly drop: (key: string) => void;
}

/** Somebody was quicker: what they made of it, what oneself would, and the choice. */
export function ConflictNotice({ change, theirs, replace, drop }: ConflictNoticeProps): ReactNode {
  const overwrite = (): void =>
    replace({ ...change, baseValue: theirs?.value ?? null, baseRevision: theirs?.revision ?? 0 });
  return (
    <Alert color="yellow" title={sentenceOf(change, theirs)} role="alert">
      {theirs !== undefined && theirs.changed_at !== null && (
        <Text size="xs" c="dimmed">
          <TimeAgo time={theirs.changed_at} />, in revision {theirs.revision}
        </Text>
      )}
      <Text size="xs" mt={4}>
        From theirs to yours:
      </Text>
      {!change.isSecret && <ChangeDiff before={theirs?.value ?? null} after={change.value} />}
      <Group gap="xs" mt="xs">
        <Button variant="default" onClick={() => drop(change.key)}>
          Keep theirs
        </Button>
        <Button variant="default" onClick={overwrite}>
          Change it to mine
        </Button>
      </Group>
    </Alert>
  );
}

function sentenceOf(change: DraftChange, theirs: ListedEntry | undefined): string {
  if (theirs === undefined) return 'Somebody deleted this while you were editing';
  const who = shortened(theirs.changed_by ?? 'Somebody', MOST_OF_NAME);
  return change.isSecret
    ? `${who} changed this while you were editing`
    : `${who} changed this to ${shortened(theirs.value, MOST_OF_VALUE)} while you were editing`;
}
