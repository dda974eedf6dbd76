import { Button, Group, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { showFailure } from '../draft/apply-changes.tsx';
import { draft } from '../draft/use-draft.ts';
import { EXPORT_FORMATS, exportText, type ExportFormat } from './export-text.ts';
import type { Row } from './rows.ts';
import { exportable, removalLabel, removals } from './selected-rows.ts';

const LABELS: Readonly<Record<ExportFormat, string>> = { yaml: 'YAML', json: 'JSON', dotenv: 'dotenv' };

interface SelectionBarProps {
  readonly rows: readonly Row[];
  readonly mayEdit: boolean;
  readonly onClear: () => void;
}

/** What can be done with the rows that are selected. */
export function SelectionBar({ rows, mayEdit, onClear }: SelectionBarProps): ReactNode {
  const remove = (): void => {
    draft.put(removals(rows));
    onClear();
  };
  const hasValues = rows.some(({ entry }) => entry !== null);
  return (
    <Group gap="xs" role="group" aria-label="Selected settings">
      <Text size="sm" aria-live="polite">
        {rows.length.toLocaleString('en')} selected
      </Text>
      <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button variant="default">Copy as …</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {EXPORT_FORMATS.map((format) => (
            <Menu.Item key={format} onClick={() => void copy(format, rows)}>
              {LABELS[format]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {mayEdit && (
        <Button
          variant="default"
          onClick={remove}
          disabled={!hasValues}
          title="Collected for a review, not applied yet"
        >
          {removalLabel(rows)}
        </Button>
      )}
      <Button variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
    </Group>
  );
}

async function copy(format: ExportFormat, rows: readonly Row[]): Promise<void> {
  const { values, left } = exportable(rows);
  try {
    await navigator.clipboard.writeText(await exportText(format, values));
    const what = `${values.size === 1 ? '1 setting' : `${values.size} settings`} copied as ${LABELS[format]}`;
    const without = left === 0 ? '' : `, without ${left} that ${left === 1 ? 'is' : 'are'} secret or not set`;
    notifications.show({ message: `${what}${without}.`, color: 'gray', autoClose: 4_000 });
  } catch (error) {
    showFailure('Nothing was copied', error);
  }
}
