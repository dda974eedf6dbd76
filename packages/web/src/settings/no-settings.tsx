import { Code, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** What to do with a fresh installation, in one command each. */
export function NoSettings(): ReactNode {
  return (
    <Stack gap="xs" px="md" maw={720}>
      <Text size="sm">There are no settings yet. The first one, from a terminal:</Text>
      <Code block>muttctl config set cache_reload_interval 600 --reason &apos;first try&apos;</Code>
      <Text size="sm">All that a service declares, with its defaults or what its environment variables say:</Text>
      <Code block>muttctl config init --settings ./settings.mjs</Code>
      <Text size="sm" c="dimmed">
        They appear here as soon as they are there.
      </Text>
    </Stack>
  );
}
