import { Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';

interface PageProps {
  readonly title: string;
  /** The title is a key. */
  readonly isKey?: boolean;
  /** Right beside the title. */
  readonly beside?: ReactNode;
  /** One line below the title. */
  readonly about?: ReactNode;
  /** Above the title: the way back. */
  readonly before?: ReactNode;
  /** Buttons, right of the title. */
  readonly actions?: ReactNode;
  /** What is below the title goes to the edges. */
  readonly isFlush?: boolean;
  readonly children: ReactNode;
}

/** A page below the navigation: its title, what can be done here, and what it shows. */
export function Page(props: PageProps): ReactNode {
  const { title, isKey = false, beside, about, before, actions, isFlush = false, children } = props;
  useDocumentTitle(`${title} · MUTT configuration`);
  return (
    <Stack gap="sm" pt="md" {...(!isFlush && { p: 'md' })} h="100%">
      <Group justify="space-between" align="flex-start" gap="xs" {...(isFlush && { px: 'md' })}>
        <div>
          {before}
          <Group gap={6} wrap="nowrap">
            <Title order={1} style={{ overflowWrap: 'anywhere' }} {...(isKey && { ff: 'monospace' })}>
              {title}
            </Title>
            {beside}
          </Group>
          {about !== undefined && (
            <Text size="sm" c="dimmed">
              {about}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
