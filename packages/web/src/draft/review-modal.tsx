import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import { useEntries, useLiveEntries } from '../live/use-entries.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { applyChanges } from './apply-changes.tsx';
import { failedAttempt, nextAttempt, type Attempt } from './attempt.ts';
import { isOvertaken, type DraftChange, type DraftChanges } from './draft.ts';

import { ReasonField } from './reason-field.tsx';
import { failureTitle, refusalText, refusedKey, tooMany } from './refusal.ts';
import { ReviewList } from './review-list.tsx';
import classes from './review-modal.module.css';
import { useReviewCheck } from './use-review-check.ts';

interface ReviewModalProps {
  readonly changes: DraftChanges;
  readonly onClose: () => void;
  /** They are applied. */
  readonly onApplied: () => void;
  /** Somebody changed keys meanwhile, and it was decided what to do. */
  readonly onChange: (changes: DraftChanges) => void;
}

const NONE: DraftChanges = [];

/** The changes as a whole, before they are applied: what differs, why, and who was quicker. */
export function ReviewModal({ changes, onClose, onApplied, onChange }: ReviewModalProps): ReactNode {
  const [reason, setReason] = useState('');
  const [isForced, setForced] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [isApplying, setApplying] = useState(false);
  const [attempt, setAttempt] = useState<Attempt | null>(null);
  const { byKey, isStoreEmptied } = useEntries();
  const live = useLiveEntries();
  const { isReasonRequired, refusal } = useReviewCheck(changes);
  const isUnknown = attempt?.isUnknown === true;
  // What arrives meanwhile may be one's own change: the server tells, by the id of the attempt.
  const overtaken =
    isApplying || isUnknown ? NONE : changes.filter((change) => isOvertaken(change, byKey?.get(change.key)));
  const limit = tooMany(changes);
  const problem = failure ?? refusal;
  const wrongKey = problem === null ? null : refusedKey(problem, changes);
  const isReasonMissing = failure?.code === 'reason_required';

  const apply = async (): Promise<void> => {
    if (isApplying || overtaken.length > 0 || limit !== null || changes.length === 0) return;
    setApplying(true);
    setFailure(null);
    const current = nextAttempt(attempt, { changes, reason, force: isForced }, () => crypto.randomUUID());
    try {
      await applyChanges(changes, current);
      onApplied();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
      setAttempt(failedAttempt(current, error));
      setApplying(false);
      // Whoever was quicker is shown, even where their change has not been heard of yet.
      if (error.code === 'revision_conflict' || error.isOutcomeUnknown) live.refresh();
    }
  };
  const decide = (next: DraftChanges): void => {
    setFailure(null);
    setAttempt(null);
    onChange(next);
    if (next.length === 0) onClose();
  };
  const replace = (one: DraftChange): void => decide(changes.map((change) => (change.key === one.key ? one : change)));
  const drop = (key: string): void => decide(changes.filter((change) => change.key !== key));
  const text = problem === null ? null : refusalText(problem, { isStoreEmptied });

  return (
    <Dialog onClose={onClose} size="lg" title={titleOf(changes)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <Stack gap="md">
          <div className={classes['changes']}>
            <ReviewList
              {...{ changes, byKey, overtaken, replace, drop }}
              problem={wrongKey !== null && text !== null ? { key: wrongKey, text } : null}
            />
          </div>
          <ReasonField value={reason} onChange={setReason} isRequired={isReasonRequired} isMissing={isReasonMissing} />
          {limit !== null && <Alert color="yellow">{limit}</Alert>}
          {text !== null && (wrongKey === null || failure !== null) && !isReasonMissing && (
            <Alert color="red" title={titleFor(failure, isUnknown)} role="alert">
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {text}
              </Text>
            </Alert>
          )}
          {problem?.code === 'value_invalid' && (
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
            <Button
              type="submit"
              loading={isApplying}
              disabled={overtaken.length > 0 || limit !== null || changes.length === 0}
            >
              Apply
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function titleFor(failure: ApiError | null, isUnknown: boolean): string {
  if (failure === null) return 'The server would refuse this';
  return failureTitle(isUnknown, 'Nothing was changed');
}

function titleOf(changes: DraftChanges): string {
  return changes.length === 1
    ? 'Review the change'
    : `Review ${changes.length.toLocaleString('en')} changes, applied as one`;
}
