import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import type { CommitReply } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { shortened } from '../ui/shortened.ts';
import { toChange, type DraftChanges } from './draft.ts';
import { failureTitle } from './refusal.ts';

/** How long the way back stays on the screen. */
const UNDO_SHOWN_MS = 12_000;
const MOST_NOTICES = 3;
const MOST_OF_VALUE = 60;

interface ApplyOptions {
  readonly reason: string;
  /** Set what the declared settings refuse, too. */
  readonly force?: boolean;
  /** Sent again under the same id, they are applied once. */
  readonly requestId?: string;
}

/**
 * Applies changes as one, and shows a toast that undoes them.
 *
 * @throws ApiError
 */
export async function applyChanges(
  changes: DraftChanges,
  { reason, force = false, requestId = crypto.randomUUID() }: ApplyOptions,
): Promise<void> {
  const commit = await request<CommitReply>('/changes', {
    method: 'POST',
    body: {
      changes: changes.map(toChange),
      request_id: requestId,
      ...(reason.trim() !== '' && { reason: reason.trim() }),
      ...(force && { force }),
    },
  });
  showApplied(describe(changes), commit.revision, shownNotices(commit.notices ?? []));
}

/**
 * Takes a change set back, by its revision, and shows a toast that undoes that, too.
 *
 * @throws ApiError
 */
export async function rollBackChangeSet(revision: number, { reason, force = false }: ApplyOptions): Promise<void> {
  const undone = await rollBack(revision, { reason, force });
  showApplied(`Revision ${revision} is undone`, undone.revision, []);
}

async function rollBack(
  revision: number,
  { reason, force = false }: ApplyOptions,
): Promise<{ readonly message: string; readonly revision: number }> {
  const body = { ...(reason.trim() !== '' && { reason: reason.trim() }), ...(force && { force }) };
  return request(`/changes/${revision}/rollback`, { method: 'POST', body });
}

/** Takes a change set back, by its revision, and says so. */
async function undoChangeSet(revision: number, reason = 'Undone in the web UI'): Promise<void> {
  try {
    const undone = await rollBack(revision, { reason });
    notifications.show({ id: `undo-${revision}`, message: `Undone: ${undone.message}.`, color: 'gray' });
  } catch (error) {
    showFailure(failureTitle(error instanceof ApiError && error.isOutcomeUnknown, 'It was not undone'), error);
  }
}

/** What did not work, as a toast that stays. */
export function showFailure(title: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const id = error instanceof ApiError && error.correlationId !== null ? ` (${error.correlationId})` : '';
  notifications.show({ title, message: `${message}${id}`, color: 'red', autoClose: false, role: 'alert' });
}

/** Says that something was applied, with the way back. */
export function showApplied(what: string, revision: number, notices: readonly string[] = []): void {
  const id = `applied-${revision}`;
  const undo = (): void => {
    notifications.hide(id);
    void undoChangeSet(revision);
  };
  notifications.show({
    id,
    color: 'green',
    autoClose: UNDO_SHOWN_MS,
    message: <Applied {...{ what, revision, notices, undo }} />,
  });
}

function Applied({
  what,
  revision,
  notices,
  undo,
}: {
  readonly what: string;
  readonly revision: number;
  readonly notices: readonly string[];
  readonly undo: () => void;
}): ReactNode {
  return (
    <>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {what}{' '}
          <Text span c="dimmed">
            · revision {revision}
          </Text>
        </Text>
        <Button variant="default" size="compact-xs" onClick={undo}>
          Undo
        </Button>
      </Group>
      {notices.map((notice) => (
        <Text key={notice} size="xs" c="dimmed">
          {notice}
        </Text>
      ))}
    </>
  );
}

/** A toast is no place for hundreds of sentences. */
function shownNotices(notices: readonly string[]): readonly string[] {
  const rest = notices.length - MOST_NOTICES;
  return rest > 0 ? [...notices.slice(0, MOST_NOTICES), `And ${rest} notices more.`] : notices;
}

function describe(changes: DraftChanges): string {
  const [first] = changes;
  if (changes.length !== 1 || first === undefined) return `${changes.length} settings changed`;
  if (first.value === null) return `${first.key} deleted`;
  return first.isSecret ? `${first.key} changed` : `${first.key} is ${shortened(first.value, MOST_OF_VALUE)}`;
}
