import { Group, Loader, Text } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';

/** What comes sooner needs no sign. */
const PATIENCE_MS = 300;

/** Says that something is on its way, once that takes long enough to wonder. */
export function Loading(): ReactNode {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <Group gap="xs" px="md" py="xl" justify="center">
      <Loader size="xs" />
      <Text size="sm" c="dimmed">
        Loading …
      </Text>
    </Group>
  );
}
