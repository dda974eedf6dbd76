import { Stack, Table, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSession } from '../session/use-session.ts';
import { OwnPassword } from './own-password.tsx';
import { PatternList } from './rights-cells.tsx';
import { ROLES } from './rights-words.ts';
import { SessionList } from './session-list.tsx';

/** Who one is, what one may do, where one is signed in. */
export function OwnAccess(): ReactNode {
  const { name, role, key_patterns: patterns, secrets } = useSession();
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Name', name],
    ['Role', `${role}: ${ROLES.find((one) => one.role === role)?.may ?? ''}`],
    ['Keys', <PatternList key="keys" patterns={patterns} />],
    ['Secrets', secrets ? 'You read secret settings; each reveal is recorded.' : 'Secret settings are masked for you.'],
  ];
  return (
    <Stack gap="xl">
      <Table variant="vertical" withRowBorders={false} verticalSpacing={3} horizontalSpacing="xs" maw={760}>
        <Table.Tbody>
          {facts.map(([what, fact]) => (
            <Table.Tr key={what}>
              <Table.Th w={90} fw={400} c="dimmed" bg="transparent" pl={0} style={{ verticalAlign: 'top' }}>
                {what}
              </Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{fact}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <section>
        <Title order={2} mb="xs">
          Your sessions
        </Title>
        <SessionList of="oneself" />
      </section>
      <section>
        <Title order={2} mb="xs">
          Change your password
        </Title>
        <OwnPassword />
      </section>
    </Stack>
  );
}
