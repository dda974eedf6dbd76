import { Button, Group, Loader, Text } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import classes from './verdict-notice.module.css';

/** It is recomputed, and for how long already. */
export function Verifying({ onCancel }: { readonly onCancel: () => void }): ReactNode {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <output className={classes['notice']}>
      <Group gap="xs">
        <Loader size="xs" />
        <Text size="sm">
          Recomputing the hash of every record…
          {seconds > 0 && (
            <Text span c="dimmed" aria-hidden>
              {' '}
              {seconds} s
            </Text>
          )}
        </Text>
      </Group>
      <Button variant="subtle" color="gray" size="compact-xs" onClick={onCancel}>
        Stop waiting
      </Button>
    </output>
  );
}
