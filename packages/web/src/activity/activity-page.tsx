import { Button } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState, type ReactNode } from 'react';
import type { AuditSearch } from '../app/router.tsx';
import { changeSetsOf, type ChangeSet } from '../trail/change-sets.ts';
import { copyLink } from '../trail/copy-text.ts';
import { FilterBar } from '../trail/filter-bar.tsx';
import { TrailStates } from '../trail/trail-states.tsx';
import { useRecordFeed } from '../trail/use-record-feed.ts';
import { Page } from '../ui/page.tsx';
import { ActivityList } from './activity-list.tsx';
import { UndoModal } from './undo-modal.tsx';

const route = getRouteApi('/signed-in/activity');

/** All changes, as they were made: the latest first, live. */
export function ActivityPage(): ReactNode {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const { state, feed } = useRecordFeed(filters);
  const sets = useMemo(() => changeSetsOf(state.records), [state.records]);
  const [undoing, setUndoing] = useState<ChangeSet | null>(null);
  const setFilters = (search: AuditSearch): void => void navigate({ search, replace: true });
  return (
    <Page
      title="Activity"
      about="Who changed what, and why; as it happens."
      actions={
        <Button
          visibleFrom="sm"
          variant="default"
          leftSection={<IconLink size={14} />}
          onClick={() => void copyLink(location.href)}
        >
          Copy link
        </Button>
      }
    >
      <FilterBar filters={filters} onChange={setFilters} />
      <TrailStates {...{ state, feed, filters, clear: () => setFilters({}) }} nothing="Nothing was changed yet.">
        <ActivityList {...{ sets, state, feed, filters }} onFilter={setFilters} onUndo={setUndoing} />
      </TrailStates>
      {undoing !== null && <UndoModal set={undoing} onClose={() => setUndoing(null)} />}
    </Page>
  );
}
