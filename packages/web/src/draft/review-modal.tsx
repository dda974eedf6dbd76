import { Alert, Anchor, Button, Checkbox, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import { useEntries } from '../live/use-entries.tsx';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { KeyName } from '../ui/key-name.tsx';
import { applyChanges } from './apply-changes.tsx';
import { ConflictNotice } from './conflict-notice.tsx';
import { isOvertaken, type DraftChange, type DraftChanges } from './draft.ts';

interface ReviewModalProps {
  readonly changes: DraftChanges;
  /** Where the reason is known already. */
  readonly initialReason?: string;
  readonly onClose: () => void;
  /** They are applied. */
  readonly onApplied: () => void;
  /** Somebody changed keys meanwhile, and it was decided what to do. */
  readonly onChange: (changes: DraftChanges) => void;
}

/** The changes as a whole, before they are applied: what differs, why, and who was quicker. */
export function ReviewModal(props: ReviewModalProps): ReactNode {
  const { changes, initialReason = '', onClose, onApplied, onChange } = props;
  const [reason, setReason] = useState(initialReason);
  const [isForced, setForced] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [isApplying, setApplying] = useState(false);
  const { byKey } = useEntries();
  const overtaken = changes.filter((change) => isOvertaken(change, byKey?.get(change.key)));

  const apply = async (): Promise<void> => {
    setApplying(true);
    setFailure(null);
    try {
      await applyChanges(changes, { reason, force: isForced });
      onApplied();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
    } finally {
      setApplying(false);
    }
  };
  const replace = (one: DraftChange): void =>
    onChange(changes.map((change) => (change.key === one.key ? one : change)));
  const drop = (key: string): void => onChange(changes.filter((change) => change.key !== key));

  return (
    <Modal opened onClose={onClose} size="lg" title={titleOf(changes)} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <Stack gap="md">
          {changes.map((change) => (
            <div key={change.key}>
              <Group justify="space-between" wrap="nowrap" mb={4}>
                <KeyName name={change.key} />
                {changes.length > 1 && (
                  <Anchor component="button" type="button" size="xs" onClick={() => drop(change.key)}>
                    Leave out
                  </Anchor>
                )}
              </Group>
              {overtaken.includes(change) ? (
                <ConflictNotice {...{ change, theirs: byKey?.get(change.key), replace, drop }} />
              ) : (
                <ChangeDiff before={shown(change, change.baseValue)} after={shown(change, change.value)} />
              )}
            </div>
          ))}
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
            <Alert color="red" title="Nothing was changed" role="alert">
              <Text size="sm">{failure.message}</Text>
            </Alert>
          )}
          {failure?.code === 'value_invalid' && (
            <Checkbox
              label="Set it all the same; recorded as forced"
              checked={isForced}
              onChange={(event) => setForced(event.currentTarget.checked)}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isApplying} disabled={overtaken.length > 0 || changes.length === 0}>
              Apply
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function titleOf(changes: DraftChanges): string {
  return changes.length === 1 ? 'Review the change' : `Review ${changes.length} changes, applied as one`;
}

function shown(change: DraftChange, value: string | null): string | null {
  return change.isSecret && value !== null ? '••••••' : value;
}
