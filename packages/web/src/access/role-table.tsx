import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { AccessTable } from './access-table.tsx';
import { ROLES } from './rights-words.ts';

/** What each role may do. */
export function RoleTable(): ReactNode {
  return (
    <AccessTable label="Roles" columns={['Role', 'May']} none="" minWidth={0}>
      {ROLES.map(({ role, may }) => (
        <Table.Tr key={role}>
          <Table.Td fw={500} w={90}>
            {role}
          </Table.Td>
          <Table.Td>{may}</Table.Td>
        </Table.Tr>
      ))}
    </AccessTable>
  );
}
