import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { cutTo } from '../trail/record-words.ts';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { KeyName } from '../ui/key-name.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import type { UndoStep } from './undo-plan.ts';

/** More than anybody reads; the rest is counted. */
const MOST_SHOWN = 50;

/** From what each key holds now to what it held before. */
export function UndoSteps({ steps }: { readonly steps: readonly UndoStep[] }): ReactNode {
  if (steps.length === 0) return <Text size="sm">There is nothing to undo: all is as it was before.</Text>;
  const more = steps.length - MOST_SHOWN;
  return (
    <>
      {steps.slice(0, MOST_SHOWN).map((step) => (
        <div key={step.key}>
          <KeyName name={step.key} />
          {step.changedSince !== null && <ChangedSince by={step.changedSince} />}
          {step.isMasked ? (
            <Text size="sm" c="dimmed">
              A secret: {step.afterwards === null ? 'it is deleted.' : 'it gets the value back that it had before.'}
            </Text>
          ) : (
            <ChangeDiff before={step.now} after={step.afterwards} />
          )}
        </div>
      ))}
      {more > 0 && (
        <Text size="sm" c="dimmed">
          … and {more.toLocaleString('en')} more settings.
        </Text>
      )}
    </>
  );
}

function ChangedSince({ by }: { readonly by: NonNullable<UndoStep['changedSince']> }): ReactNode {
  if (by === 'deleted') return <Text size="xs">Deleted since</Text>;
  return (
    <Text size="xs" my={2}>
      Changed since by <bdi>{cutTo(60, by.changed_by ?? 'somebody')}</bdi>
      {by.changed_at !== null && (
        <>
          , <TimeAgo time={by.changed_at} />
        </>
      )}
      , in revision {by.revision}
    </Text>
  );
}
