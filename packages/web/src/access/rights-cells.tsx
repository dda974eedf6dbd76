import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Rights } from '../api/replies.ts';

/** Role, keys and secrets, as cells of a row. */
export function RightsCells({ role, key_patterns: patterns, secrets }: Rights): ReactNode {
  return (
    <>
      <Table.Td>{role}</Table.Td>
      <Table.Td maw={260}>
        <PatternList patterns={patterns} />
      </Table.Td>
      <Table.Td {...(!secrets && { c: 'dimmed' })}>{secrets ? 'reads' : 'masked'}</Table.Td>
    </>
  );
}

/** The keys that somebody may see. */
export function PatternList({ patterns }: { readonly patterns: readonly string[] | null }): ReactNode {
  if (patterns === null) {
    return (
      <Text span size="sm" c="dimmed">
        all
      </Text>
    );
  }
  const words = patterns.join(' ');
  return (
    <Text span size="xs" ff="monospace" lineClamp={2} title={words} style={{ overflowWrap: 'anywhere' }}>
      {words}
    </Text>
  );
}
