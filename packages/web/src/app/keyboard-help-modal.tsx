import { Kbd, Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { Dialog } from '../ui/dialog.tsx';

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['/'], 'Search the settings'],
  [['↑', '↓'], 'Go through the rows'],
  [['Enter'], 'Open the setting'],
  [['x'], 'Select the row'],
  [['e'], 'Change a number or a switch in its row, or edit the setting that is open'],
  [['Ctrl', 'Enter'], 'Review the change; there, apply it'],
  [['n'], 'New setting'],
  [['Esc'], 'Close, or clear the search'],
  [['1', '…', '5'], 'Settings, Overview, Activity, Audit, Access'],
  [['r'], 'Review the changes that are collected'],
  [['?'], 'This help'],
];

/** What the keyboard does. */
export function KeyboardHelpModal({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <Dialog onClose={onClose} title="By keyboard">
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
    </Dialog>
  );
}
