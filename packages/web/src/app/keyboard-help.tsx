import { Kbd, Modal, Table } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['/'], 'Search the settings'],
  [['↑', '↓'], 'Go through the rows'],
  [['Enter'], 'Open the setting'],
  [['e'], 'Edit the setting that is open'],
  [['Esc'], 'Close, or clear the search'],
  [['1', '…', '5'], 'Settings, Overview, Activity, Audit, Access'],
  [['r'], 'Review the changes that are collected'],
  [['?'], 'This help'],
];

/** `?` shows what the keyboard does, and the digits go to the pages. */
export function KeyboardHelp(): ReactNode {
  const [isOpen, { toggle, close }] = useDisclosure();
  const navigate = useNavigate();
  useHotkeys([
    ['shift+?', toggle],
    ['1', () => void navigate({ to: '/' })],
    ['2', () => void navigate({ to: '/overview' })],
    ['3', () => void navigate({ to: '/activity' })],
    ['4', () => void navigate({ to: '/audit' })],
    ['5', () => void navigate({ to: '/access' })],
  ]);
  return (
    <Modal opened={isOpen} onClose={close} title="By keyboard" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Table>
        <Table.Tbody>
          {KEYS.map(([keys, what]) => (
            <Table.Tr key={what}>
              <Table.Td w={110}>
                {keys.map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
