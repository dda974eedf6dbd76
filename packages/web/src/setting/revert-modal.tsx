import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import { keyPath } from '../api/key-path.ts';
import type { ListedEntry } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { applyChanges, showApplied } from '../draft/apply-changes.tsx';
import { ReasonField } from '../draft/reason-field.tsx';
import { failureTitle } from '../draft/refusal.ts';
import { useLiveEntries } from '../live/use-entries.tsx';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { KeyName } from '../ui/key-name.tsx';
import { Dialog } from '../ui/dialog.tsx';
import type { HistoryStep } from './steps-of-history.ts';

interface RevertModalProps {
  readonly name: string;
  readonly entry: ListedEntry | undefined;
  readonly isMasked: boolean;
  readonly step: HistoryStep;
  readonly onClose: () => void;
}

/** Back to what a key held at a revision: what differs, why, and what stands in the way. */
export function RevertModal({ name, entry, isMasked, step, onClose }: RevertModalProps): ReactNode {
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [isApplying, setApplying] = useState(false);
  /** What was looked at: another change meanwhile is not taken back unseen. */
  const [seen, setSeen] = useState(entry);
  const live = useLiveEntries();
  const isOvertaken = !isApplying && (seen?.revision !== entry?.revision || seen?.value !== entry?.value);
  const after = step.change?.after ?? null;

  const apply = async (): Promise<void> => {
    setApplying(true);
    setFailure(null);
    try {
      await revert(name, { after, seen, revision: step.revision ?? 0, reason });
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
      setApplying(false);
      live.refresh();
    }
  };
  return (
    <Dialog onClose={onClose} size="lg" title={`Revert to revision ${step.revision}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <Stack gap="md">
          <div>
            <KeyName name={name} />
            {isMasked ? (
              <Text size="sm">The secret becomes what it was then.</Text>
            ) : (
              <ChangeDiff before={entry?.value ?? null} after={after} />
            )}
          </div>
          {isOvertaken && (
            <Alert color="yellow" title="It was changed while you were looking" role="alert">
              <Text size="sm">What is above is the difference to what it holds now.</Text>
              <Button variant="default" mt="xs" onClick={() => setSeen(entry)}>
                Go on from there
              </Button>
            </Alert>
          )}
          <ReasonField value={reason} onChange={setReason} isMissing={failure?.code === 'reason_required'} />
          {failure !== null && failure.code !== 'reason_required' && (
            <Alert color="red" title={failureTitle(failure.isOutcomeUnknown, 'Nothing was changed')} role="alert">
              <Text size="sm">{failure.message}</Text>
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isApplying} disabled={isOvertaken}>
              Revert
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

interface Revert {
  readonly after: string | null;
  readonly seen: ListedEntry | undefined;
  readonly revision: number;
  readonly reason: string;
}

async function revert(key: string, { after, seen, revision, reason }: Revert): Promise<void> {
  const path = keyPath(key);
  const [baseValue, baseRevision] = [seen?.value ?? null, seen?.revision ?? 0];
  if (path === null) {
    await applyChanges([{ key, value: after, baseValue, baseRevision, isSecret: false }], { reason });
    return;
  }
  const reverted = await request<{ revision: number }>(`${path}/rollback`, {
    method: 'POST',
    body: {
      to_revision: revision,
      if_revision: baseRevision,
      ...(reason.trim() !== '' && { reason: reason.trim() }),
    },
  });
  showApplied(`${key} is as it was at revision ${revision}`, reverted.revision);
}
