import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import { rollBackChangeSet } from '../draft/apply-changes.tsx';
import { failureTitle } from '../draft/refusal.ts';
import { useEntries } from '../live/use-entries.tsx';
import type { ChangeSet } from '../trail/change-sets.ts';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { shortened } from '../ui/shortened.ts';
import { TimeAgo } from '../ui/time-ago.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { loadWholeSet, undoStepsOf } from './undo-plan.ts';
import { UndoSteps } from './undo-steps.tsx';

interface UndoModalProps {
  readonly set: ChangeSet;
  readonly onClose: () => void;
}

/** What undoing a change set would do, before it is done; and who stands in its way. */
export function UndoModal({ set, onClose }: UndoModalProps): ReactNode {
  const { newest } = set;
  const { byKey } = useEntries();
  const whole = useQuery({
    queryKey: ['change set', set.id],
    queryFn: async ({ signal }) => loadWholeSet(newest, signal),
  });
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const steps = whole.data === undefined || byKey === null ? null : undoStepsOf(whole.data.records, byKey);
  const isConflict = failure?.code === 'rollback_conflict' && steps?.length !== 0;
  const mayForce = isConflict || failure?.code === 'value_invalid';

  const undo = async (): Promise<void> => {
    if (newest.revision === null) return;
    setBusy(true);
    setFailure(null);
    try {
      await rollBackChangeSet(newest.revision, { reason, force: mayForce });
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
      setBusy(false);
    }
  };

  return (
    <Dialog onClose={onClose} size="lg" title={`Undo revision ${newest.revision}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void undo();
        }}
      >
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            Changed <TimeAgo time={newest.changed_at} /> by <bdi>{shortened(newest.changed_by ?? 'somebody', 256)}</bdi>
            . Undoing is a change itself: recorded, and undone like any other.
          </Text>
          {whole.error !== null && <FailureNotice error={whole.error} retry={() => void whole.refetch()} />}
          {whole.error === null && steps === null && <Loading />}
          {whole.data?.isOfFormerEpoch === true ? (
            <Alert color="yellow" title="This cannot be undone as a whole" role="alert">
              <Text size="sm">
                The store was emptied or restored since, and its revisions began anew. Set the values that you want back
                on the pages of their settings.
              </Text>
            </Alert>
          ) : (
            steps !== null && <UndoSteps steps={steps} />
          )}
          <Textarea
            label="Reason"
            description="Recorded in the audit trail"
            placeholder="Why, for whoever reads this at night"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={2_000}
            autosize
            minRows={2}
            data-autofocus
          />
          {failure !== null && (
            <Alert
              color="red"
              title={
                isConflict ? 'Somebody changed it since' : failureTitle(failure.isOutcomeUnknown, 'Nothing was undone')
              }
              role="alert"
            >
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {failure.message.replace(/ Send "force": true to .*\.$/, '')}
              </Text>
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={isBusy}
              {...(mayForce && { color: 'red' })}
              disabled={steps === null || steps.length === 0 || whole.data?.isOfFormerEpoch === true}
            >
              {mayForce ? 'Undo all the same' : 'Undo'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
