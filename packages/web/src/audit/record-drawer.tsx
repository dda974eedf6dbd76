import { Button, Drawer, Group, Text } from '@mantine/core';
import { IconCopy, IconLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { TextLink } from '../ui/text-link.tsx';
import type { ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import type { AuditRecord, AuditReply } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { copyLink, copyText } from '../trail/copy-text.ts';
import { onlyAt } from '../trail/filters.ts';
import { showFailure } from '../draft/apply-changes.tsx';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { useReturnFocus } from '../ui/use-return-focus.ts';
import { RecordFields } from './record-fields.tsx';

interface RecordDrawerProps {
  readonly id: number;
  /** The record, where it is in the list. */
  readonly known: AuditRecord | undefined;
  readonly onClose: () => void;
}

/** One record, with all that it says. */
export function RecordDrawer({ id, known, onClose }: RecordDrawerProps): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['audit record', id],
    queryFn: async () => loadRecord(id),
    enabled: known === undefined,
  });
  useReturnFocus();
  const record = known ?? data;
  const copyJson = async (): Promise<void> => {
    try {
      // Whole: the list holds long values in part.
      await copyText(JSON.stringify(await loadRecord(id), null, 2), 'The record is on the clipboard, as JSON.');
    } catch (failure) {
      showFailure('The record was not copied', failure);
    }
  };
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      title={`Record ${id}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ backgroundOpacity: 0.15 }}
    >
      {record === undefined && error !== null && <FailureNotice error={error} retry={() => void refetch()} />}
      {record === undefined && error === null && <Loading />}
      {record !== undefined && (
        <>
          <Group gap="xs" mb="md">
            <Button variant="default" leftSection={<IconCopy size={14} />} onClick={() => void copyJson()}>
              Copy as JSON
            </Button>
            <Button variant="default" leftSection={<IconLink size={14} />} onClick={() => void copyLink(location.href)}>
              Copy link
            </Button>
            <TextLink size="xs" to="/activity" search={onlyAt(record.changed_at)}>
              What changed with it
            </TextLink>
          </Group>
          <RecordFields record={record} />
          <Text size="xs" c="dimmed" mt="md">
            The hash is over all that the record says and over the hash before it. Verify recomputes it.
          </Text>
        </>
      )}
    </Drawer>
  );
}

/** The record of this id: the page that begins before the next one. */
async function loadRecord(id: number): Promise<AuditRecord> {
  const { records } = await request<AuditReply>(`/audit?cursor=0-${id + 1}&limit=1`);
  const [record] = records;
  if (record?.id === id) return record;
  throw new ApiError(`There is no record ${id} that you may see: it may have been dropped by age.`, {
    code: 'not_found',
    status: 404,
  });
}
