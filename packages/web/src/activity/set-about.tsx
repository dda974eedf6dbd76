import { TextLink } from '../ui/text-link.tsx';
import { Anchor, Button, Group, Text } from '@mantine/core';
import { IconArrowBackUp, IconLink } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AuditSearch } from '../app/router.tsx';
import { useMayEdit } from '../session/use-session.ts';
import type { ChangeSet } from '../trail/change-sets.ts';
import { copyLink } from '../trail/copy-text.ts';
import { isFiltered, onlyAt } from '../trail/filters.ts';
import { cutTo } from '../trail/record-words.ts';
import classes from './activity.module.css';

interface SetAboutProps {
  readonly set: ChangeSet;
  readonly filters: AuditSearch;
  readonly onFilter: (filters: AuditSearch) => void;
  readonly onUndo: (set: ChangeSet) => void;
}

const MOST_REASON = 2_000;

/** What there is to know of a change set that is open, and to do with it. */
export function SetAbout({ set, filters, onFilter, onUndo }: SetAboutProps): ReactNode {
  const { newest } = set;
  const mayEdit = useMayEdit();
  const router = useRouter();
  const only = onlyAt(newest.changed_at);
  const isChange = newest.operation !== 'GAP' && newest.operation !== 'REVEAL' && newest.revision !== null;
  const mayBePart = isFiltered(filters) && isChange;
  const { correlation_id: correlationId } = newest;
  const copy = (): void => {
    const { href } = router.buildLocation({ to: '/activity', search: only });
    void copyLink(`${location.origin}${href}`);
  };
  return (
    <div className={classes['about']}>
      {newest.reason !== null && (
        <Text size="sm" className={classes['reason']}>
          {cutTo(MOST_REASON, newest.reason)}
        </Text>
      )}
      {newest.source === 'out-of-band' && (
        <Text size="sm">
          Somebody wrote to the Redis directly, past us: who and why is not known, and the time is when it was found.
        </Text>
      )}
      <Group gap="xs" className={classes['facts']}>
        {newest.changed_by !== null && (
          <Anchor component="button" size="xs" onClick={() => onFilter({ actor: newest.changed_by ?? '' })}>
            All by <bdi>{cutTo(60, newest.changed_by)}</bdi>
          </Anchor>
        )}
        {correlationId !== null && (
          <Anchor
            component="button"
            size="xs"
            title={`Correlation id ${correlationId}`}
            onClick={() => onFilter({ text: correlationId })}
          >
            Same correlation id
          </Anchor>
        )}
        <TextLink size="xs" to="/audit" search={only}>
          In the audit trail
        </TextLink>
        {isChange && (
          <Text size="xs" c="dimmed">
            Revision {newest.revision}
          </Text>
        )}
        {mayBePart && (
          <Text size="xs" c="dimmed">
            Only what matches the filters is shown
          </Text>
        )}
      </Group>
      <Group gap="xs" mt={6}>
        {isChange && mayEdit && (
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconArrowBackUp size={14} />}
            onClick={() => onUndo(set)}
          >
            Undo…
          </Button>
        )}
        <Button variant="default" size="compact-xs" leftSection={<IconLink size={14} />} onClick={copy}>
          Copy link
        </Button>
      </Group>
    </div>
  );
}
