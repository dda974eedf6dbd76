import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export function Logo(): ReactNode {
  return (
    <Group gap={8} wrap="nowrap">
      <img src="/favicon.svg" width={22} height={22} alt="" />
      <Text fw={600} size="sm" style={{ whiteSpace: 'nowrap' }}>
        MUTT configuration
      </Text>
    </Group>
  );
}
