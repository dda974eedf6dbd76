import { Button, Code, Group, Text } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { showFailure } from '../draft/apply-changes.tsx';
import { useSession } from '../session/use-session.ts';
import { TimeAgo } from '../ui/time-ago.tsx';

const REVEALED_MS = 30_000;
const MOST_SHOWN = 20_000;

interface CurrentValueProps {
  readonly entry: ListedEntry | null;
  readonly setting: DeclaredSetting | null;
}

/** What is in force, and since when; a secret only when it is asked for. */
export function CurrentValue({ entry, setting }: CurrentValueProps): ReactNode {
  const { secrets } = useSession();
  const { shown, reveal, hide } = useReveal(entry);
  const value = shown ?? entry?.value ?? setting?.default ?? null;
  return (
    <div>
      {value === null ? (
        <Text size="sm" c="dimmed" fs="italic">
          not set
        </Text>
      ) : (
        <Code
          block
          mah={320}
          style={{ overflow: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
          tabIndex={0}
        >
          {value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}… (${value.length} characters)` : value}
        </Code>
      )}
      <Group gap="xs" mt={4}>
        <Text size="xs" c="dimmed">
          <Origin {...{ entry, setting }} />
        </Text>
        {entry?.masked === true && secrets && (
          <Button variant="default" size="compact-xs" onClick={shown === null ? reveal : hide}>
            {shown === null ? 'Reveal' : 'Hide'}
          </Button>
        )}
        {entry?.masked === true && secrets && (
          <Text size="xs" c="dimmed">
            That you looked is recorded.
          </Text>
        )}
      </Group>
    </div>
  );
}

function Origin({ entry, setting }: CurrentValueProps): ReactNode {
  if (entry === null) return setting?.default == null ? 'Nobody has set it.' : 'The default: nobody has set it.';
  if (entry.changed_at === null) return `Set directly in Redis, past us, since revision ${entry.revision}`;
  return (
    <>
      Set by {entry.changed_by ?? 'somebody'} <TimeAgo time={entry.changed_at} />, revision {entry.revision}
    </>
  );
}

/** A secret that was asked for: for a while, and not past the next change of it. */
function useReveal(entry: ListedEntry | null): { shown: string | null; reveal: () => void; hide: () => void } {
  const [revealed, setRevealed] = useState<{ readonly of: ListedEntry; readonly value: string } | null>(null);
  useEffect(() => {
    if (revealed === null) return undefined;
    const timer = setTimeout(() => setRevealed(null), REVEALED_MS);
    return () => clearTimeout(timer);
  }, [revealed]);
  const reveal = (): void => {
    if (entry === null) return;
    request<{ value: string }>(`/config/${encodeURIComponent(entry.key)}?reveal=true`).then(
      ({ value }) => setRevealed({ of: entry, value }),
      (error: unknown) => showFailure('The secret cannot be shown', error),
    );
  };
  return { shown: revealed?.of === entry ? (revealed?.value ?? null) : null, reveal, hide: () => setRevealed(null) };
}
