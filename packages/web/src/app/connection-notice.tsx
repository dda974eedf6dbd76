import { Alert, Button, Group, Text } from '@mantine/core';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { useEntries, useLiveEntries } from '../live/use-entries.tsx';
import { TextLink } from '../ui/text-link.tsx';

/** A stream that is opened again within this time is nobody's concern. */
const PATIENCE_MS = 3_000;

/** Says that what is shown may be old, while that is so. */
export function ConnectionNotice(): ReactNode {
  const { state, error, isStoreEmptied } = useEntries();
  return (
    <>
      {(state === 'lost' || error !== null) && <AfterAWhile />}
      {isStoreEmptied && <Emptied />}
    </>
  );
}

function Emptied(): ReactNode {
  // That page says it itself, and what to do.
  const isThere = useRouterState({ select: ({ location }) => location.pathname === '/overview' });
  if (isThere) return null;
  return (
    <Alert color="red" radius={0} role="alert" py={6}>
      <Text size="sm">
        The store came back empty. What is shown is what the server still holds; those values cannot be changed before
        they are put back, or given up. <TextLink to="/overview">What to do</TextLink>
      </Text>
    </Alert>
  );
}

function AfterAWhile(): ReactNode {
  const { error, byKey } = useEntries();
  const live = useLiveEntries();
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <Alert color="yellow" radius={0} role="alert" py={6}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          {byKey === null ? 'Nothing could be loaded. ' : 'What is shown may be old. '}
          {error?.message ?? 'The live connection to the server is lost; it is tried again.'}
        </Text>
        <Button variant="default" size="compact-xs" onClick={() => live.refresh()}>
          Try now
        </Button>
      </Group>
    </Alert>
  );
}
