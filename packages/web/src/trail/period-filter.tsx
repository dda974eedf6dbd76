import { Button, Group, Popover, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCalendar } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useNowMs } from '../ui/use-now-ms.ts';
import classes from './filter-bar.module.css';
import { fromLocalInput, periodWords, toLocalInput } from './period.ts';

interface PeriodFilterProps {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly onChange: (period: { from: string | undefined; to: string | undefined }) => void;
}

const HOUR_MS = 3_600_000;
const RECENT = [
  ['Last hour', HOUR_MS],
  ['Last 24 hours', 24 * HOUR_MS],
  ['Last 7 days', 7 * 24 * HOUR_MS],
] as const;

/** From when to when. */
export function PeriodFilter({ from, to, onChange }: PeriodFilterProps): ReactNode {
  const [isOpen, { toggle, close }] = useDisclosure();
  const nowMs = useNowMs();
  return (
    <Popover opened={isOpen} onDismiss={close} position="bottom-end" shadow="sm" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconCalendar size={14} />}
          onClick={toggle}
          aria-label={`Time: ${periodWords({ from, to }, nowMs)}`}
          className={classes['period']}
          data-set={from !== undefined || to !== undefined}
        >
          {periodWords({ from, to }, nowMs)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Time">
        <Stack gap="xs">
          <Group gap={4}>
            {RECENT.map(([label, lengthMs]) => (
              <Button
                key={label}
                variant="default"
                size="compact-xs"
                onClick={() => {
                  onChange({ from: new Date(Date.now() - lengthMs).toISOString(), to: undefined });
                  close();
                }}
              >
                {label}
              </Button>
            ))}
          </Group>
          <TextInput
            type="datetime-local"
            label="From"
            value={toLocalInput(from)}
            onChange={(event) => onChange({ from: fromLocalInput(event.currentTarget.value), to })}
          />
          <TextInput
            type="datetime-local"
            label="Until, not included"
            value={toLocalInput(to)}
            onChange={(event) => onChange({ from, to: fromLocalInput(event.currentTarget.value) })}
          />
          <Group justify="space-between">
            <Button
              variant="subtle"
              color="gray"
              onClick={() => {
                onChange({ from: undefined, to: undefined });
                close();
              }}
            >
              Any time
            </Button>
            <Button variant="default" onClick={close}>
              Done
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
