import { Button, Select } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconFilter, IconSearch, IconX } from '@tabler/icons-react';
import { useRef, type ReactNode } from 'react';
import type { AuditSearch } from '../app/router.tsx';
import { FilterText } from './filter-text.tsx';
import { isFiltered, withFilter } from './filters.ts';
import classes from './filter-bar.module.css';
import { PeriodFilter } from './period-filter.tsx';
import { OPERATION_WORDS, SOURCE_WORDS } from './record-words.ts';

interface FilterBarProps {
  readonly filters: AuditSearch;
  readonly onChange: (filters: AuditSearch) => void;
}

const OPERATIONS = Object.entries(OPERATION_WORDS).map(([value, label]) => ({ value, label }));
const SOURCES = Object.entries(SOURCE_WORDS).map(([value, label]) => ({ value, label }));

/** Which records: what is set is in the address of the page, so that it can be shared. On a phone it unfolds. */
export function FilterBar({ filters, onChange }: FilterBarProps): ReactNode {
  const [isUnfolded, { toggle }] = useDisclosure();
  const search = useRef<HTMLInputElement>(null);
  useHotkeys([['/', () => search.current?.focus()]]);
  const set = (name: keyof AuditSearch, value: string | null): void => onChange(withFilter(filters, name, value));
  const count = Object.keys(filters).filter((name) => name !== 'text').length;
  return (
    <search aria-label="Filters" className={classes['bar']} data-unfolded={isUnfolded}>
      <FilterText
        label="Words of a reason, a key, a person or a correlation id"
        placeholder="Search"
        value={filters.text}
        onChange={(text) => set('text', text)}
        leftSection={<IconSearch size={14} />}
        inputRef={search}
        maxLength={200}
        className={classes['text']}
      />
      <Button
        className={classes['unfold']}
        variant="default"
        leftSection={<IconFilter size={14} />}
        onClick={toggle}
        aria-expanded={isUnfolded}
      >
        {count === 0 ? 'Filters' : `Filters (${count})`}
      </Button>
      <FilterText
        label="Key, or a pattern with *"
        placeholder="Key, as moog_*"
        value={filters.key}
        onChange={(key) => set('key', key)}
        maxLength={2_000}
        isMonospace
        className={classes['field']}
      />
      <FilterText
        label="Who changed it, exactly"
        placeholder="Who"
        value={filters.actor}
        onChange={(actor) => set('actor', actor)}
        maxLength={256}
        className={classes['who']}
      />
      <Select
        aria-label="What was done"
        placeholder="Any change"
        data={OPERATIONS}
        value={filters.operation ?? null}
        onChange={(operation) => set('operation', operation)}
        clearable
        clearButtonProps={{ 'aria-label': 'Any change' }}
        className={classes['choice']}
        data-set={filters.operation !== undefined}
      />
      <Select
        aria-label="How it was written"
        placeholder="Any way"
        data={SOURCES}
        value={filters.source ?? null}
        onChange={(source) => set('source', source)}
        clearable
        clearButtonProps={{ 'aria-label': 'Any way' }}
        className={classes['choice']}
        data-set={filters.source !== undefined}
      />
      <PeriodFilter
        from={filters.from}
        to={filters.to}
        onChange={({ from, to }) => onChange(withFilter(withFilter(filters, 'from', from ?? null), 'to', to ?? null))}
      />
      {isFiltered(filters) && (
        <Button variant="subtle" color="gray" leftSection={<IconX size={14} />} onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </search>
  );
}
