import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import type { EntryReply } from '../api/replies.ts';
import { keyPath } from '../api/key-path.ts';
import { request } from '../api/request.ts';
import { useSession } from '../session/use-session.ts';
import { shortened } from '../ui/shortened.ts';

const SHOWN_MS = 30_000;
const MOST_SHOWN = 20_000;

/** A secret in clear, for those who may, for a while. */
export function RevealedSecret({ name, revision }: { readonly name: string; readonly revision: number }): ReactNode {
  const { secrets } = useSession();
  const queries = useQueryClient();
  const [revealed, setRevealed] = useState<EntryReply | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (revealed === null) return undefined;
    const timer = setTimeout(() => setRevealed(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [revealed]);
  const path = keyPath(name);
  if (!secrets) {
    return (
      <Text size="xs" c="dimmed">
        Your role does not let you read secrets.
      </Text>
    );
  }
  const reveal = async (): Promise<void> => {
    setProblem(null);
    try {
      setRevealed(await request<EntryReply>(`${path}?reveal=true`));
      void queries.invalidateQueries({ queryKey: ['history', name] });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  // What it was before somebody changed it is not the secret any more.
  if (revealed !== null && revealed.revision >= revision) {
    return (
      <div>
        <Code block aria-label="The secret" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {shortened(revealed.value, MOST_SHOWN)}
        </Code>
        <Group gap="xs" mt={4}>
          <Button variant="default" size="compact-xs" onClick={() => setRevealed(null)}>
            Hide
          </Button>
          <Text size="xs" c="dimmed">
            Hidden again in 30 seconds. That you looked is recorded.
          </Text>
        </Group>
      </div>
    );
  }
  return (
    <>
      <Group gap="xs">
        <Button variant="default" size="compact-xs" disabled={path === null} onClick={() => void reveal()}>
          Reveal
        </Button>
        <Text size="xs" c="dimmed">
          Shown for 30 seconds; that you looked is recorded.
        </Text>
      </Group>
      {problem !== null && (
        <Alert color="red" mt="xs" role="alert">
          {problem}
        </Alert>
      )}
    </>
  );
}
