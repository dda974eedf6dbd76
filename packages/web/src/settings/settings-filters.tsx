import { Chip, CloseButton, Group, Kbd, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { isShown, SHOWS, type Filter, type Row, type Show } from './rows.ts';

const LABELS: Readonly<Record<Show, string>> = {
  'changed-today': 'Changed today',
  invalid: 'Invalid',
  overridden: 'Overridden',
  undeclared: 'Undeclared',
};

interface SettingsFiltersProps {
  readonly rows: readonly Row[];
  readonly filter: Filter;
  /** When the day began. */
  readonly todayMs: number;
  readonly searchRef: Ref<HTMLInputElement>;
  readonly activeId: string | undefined;
  readonly onChange: (change: Partial<Filter>) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** Search and filters over the table; how many rows each would leave. */
export function SettingsFilters(props: SettingsFiltersProps): ReactNode {
  const { rows, filter, todayMs, searchRef, activeId, onChange, onKeyDown } = props;
  const counts = useMemo(
    () => SHOWS.map((show) => rows.reduce((count, row) => count + (isShown(row, show, todayMs) ? 1 : 0), 0)),
    [rows, todayMs],
  );
  const services = useMemo(() => servicesOf(rows), [rows]);
  return (
    <Group px="md" gap="xs">
      <TextInput
        ref={searchRef}
        aria-label="Search settings"
        placeholder="Search keys, values, descriptions"
        value={filter.query}
        onChange={(event) => onChange({ query: event.currentTarget.value })}
        onKeyDown={onKeyDown}
        aria-activedescendant={activeId}
        w={320}
        maw="100%"
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={
          filter.query === '' ? (
            <Kbd size="xs">/</Kbd>
          ) : (
            <CloseButton size="sm" aria-label="Clear the search" onClick={() => onChange({ query: '' })} />
          )
        }
      />
      <Group gap={6} role="group" aria-label="Show only">
        {SHOWS.map((show, n) => (
          <Chip
            key={show}
            size="xs"
            variant="outline"
            checked={filter.show === show}
            onChange={(isOn) => onChange({ show: isOn ? show : null })}
          >
            {LABELS[show]} {counts[n]}
          </Chip>
        ))}
      </Group>
      {services.length > 0 && (
        <NativeSelect
          aria-label="Declared by service"
          size="xs"
          data={[{ value: '', label: 'All services' }, ...services]}
          value={filter.service ?? ''}
          onChange={(event) => onChange({ service: event.currentTarget.value || null })}
        />
      )}
    </Group>
  );
}

function servicesOf(rows: readonly Row[]): readonly string[] {
  const services = new Set<string>();
  for (const { setting } of rows) for (const { service } of setting?.declared_by ?? []) services.add(service);
  return [...services].toSorted();
}
