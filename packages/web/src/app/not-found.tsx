import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '../ui/page.tsx';

export function NotFound(): ReactNode {
  return (
    <Page title="There is no such page">
      <Text size="sm">
        <Anchor component={Link} to="/">
          All settings
        </Anchor>
      </Text>
    </Page>
  );
}
