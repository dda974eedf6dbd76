import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { legible } from './legible.ts';

/** A key, as it is typed. */
export function KeyName({ name }: { readonly name: string }): ReactNode {
  return (
    <Text span ff="monospace" size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
      {legible(name)}
    </Text>
  );
}
