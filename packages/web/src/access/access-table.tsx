import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './access-table.module.css';

interface AccessTableProps {
  readonly label: string;
  /** Empty: a column without a name that is seen, of buttons. */
  readonly columns: readonly string[];
  /** What is said where there are no rows. */
  readonly none: string;
  /** Below it, the table scrolls; 0: its texts wrap. */
  readonly minWidth?: number;
  readonly children: readonly ReactNode[];
}

/** A dense table, which scrolls sideways by itself where it is narrow. */
export function AccessTable({ label, columns, none, minWidth = 640, children }: AccessTableProps): ReactNode {
  if (children.length === 0) {
    return (
      <Text size="sm" c="dimmed" py="sm">
        {none}
      </Text>
    );
  }
  return (
    <section aria-label={label} tabIndex={0} style={{ overflowX: 'auto' }}>
      <Table
        verticalSpacing={4}
        horizontalSpacing="xs"
        miw={minWidth}
        {...(minWidth > 0 && { className: classes['table'] })}
      >
        <Table.Thead>
          <Table.Tr>
            {columns.map((name) => (
              <Table.Th key={name} fz="xs" c="dimmed" fw={500} style={{ whiteSpace: 'nowrap' }}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </section>
  );
}
