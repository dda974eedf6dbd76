import { Button, Menu, Text } from '@mantine/core';
import { IconDownload, IconLink } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { AuditRecord } from '../api/replies.ts';
import type { AuditSearch } from '../app/router.tsx';
import { copyLink } from '../trail/copy-text.ts';
import { FilterBar } from '../trail/filter-bar.tsx';
import { isFiltered, toQuery } from '../trail/filters.ts';
import { TrailStates } from '../trail/trail-states.tsx';
import { useRecordFeed } from '../trail/use-record-feed.ts';
import { Page } from '../ui/page.tsx';
import { AuditTable } from './audit-table.tsx';
import { RecordDrawer } from './record-drawer.tsx';
import { VerifyBar } from './verify-bar.tsx';

const FORMATS = [
  { format: 'csv', label: 'As CSV, for a spreadsheet' },
  { format: 'jsonl', label: 'As JSON lines, for programs' },
] as const;

const route = getRouteApi('/signed-in/audit');

/** The audit trail: its records, the proof that nobody altered them, and all of it as a file. */
export function AuditPage(): ReactNode {
  const { record: openId, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const { state, feed } = useRecordFeed(filters);
  // What was opened from the list is there already.
  const [opened, setOpened] = useState<AuditRecord | null>(null);
  const setFilters = (search: AuditSearch): void => void navigate({ search, replace: true });
  const open = (record: AuditRecord): void => {
    setOpened(record);
    void navigate({ search: { ...filters, record: record.id }, replace: true });
  };
  return (
    <Page
      title="Audit"
      about="Every change, once: what the records say, and whether they still say what was written."
      actions={
        <>
          <Button
            visibleFrom="sm"
            variant="default"
            leftSection={<IconLink size={14} />}
            onClick={() => void copyLink(location.href)}
          >
            Copy link
          </Button>
          <ExportMenu filters={filters} newestId={state.records[0]?.id} />
        </>
      }
    >
      <VerifyBar onOpen={(id) => void navigate({ search: { ...filters, record: id }, replace: true })} />
      <FilterBar filters={filters} onChange={setFilters} />
      <TrailStates {...{ state, feed, filters, clear: () => setFilters({}) }} nothing="Nothing was recorded yet.">
        <AuditTable {...{ state, feed, open }} />
      </TrailStates>
      {openId !== undefined && (
        <RecordDrawer
          key={openId}
          id={openId}
          known={opened?.id === openId ? opened : undefined}
          onClose={() => setFilters(filters)}
        />
      )}
    </Page>
  );
}

interface ExportMenuProps {
  readonly filters: AuditSearch;
  /** Records are counted from 1. */
  readonly newestId: number | undefined;
}

/** Files of what the filters leave, or of the whole trail; written as they are read, whatever their size. */
function ExportMenu({ filters, newestId }: ExportMenuProps): ReactNode {
  const all = newestId === undefined ? 'All records' : `All records, about ${newestId.toLocaleString('en')}`;
  const what = isFiltered(filters) ? 'What the filters leave' : all;
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={14} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(({ format, label }) => (
          <Menu.Item
            key={format}
            component="a"
            href={`/api/v1/audit/export?${toQuery(filters, { format })}`}
            download={`audit.${format}`}
          >
            {label}
            <Text size="xs" c="dimmed">
              {what}, oldest first
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
