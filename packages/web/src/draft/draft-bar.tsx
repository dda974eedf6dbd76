import { Button, Group, Paper, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { useEntries } from '../live/use-entries.tsx';
import { ImportFile } from './import-file.tsx';
import { draft, useDraft } from './use-draft.ts';

const ReviewModal = lazy(async () => ({ default: (await import('./review-modal.tsx')).ReviewModal }));

/** Says at the bottom of each page what is collected and not applied yet. */
export function DraftBar(): ReactNode {
  const changes = useDraft();
  // Back leaves the review, as it leaves a page.
  const here = useRouterState({ select: ({ location }) => location.state.__TSR_key ?? location.href });
  const [reviewedAt, setReviewedAt] = useState<string | null>(null);
  const isReviewing = reviewedAt === here;
  const setReviewing = (isOpen: boolean): void => setReviewedAt(isOpen ? here : null);
  const { byKey } = useEntries();
  // A service may declare a secret after somebody began to change it.
  useEffect(() => draft.conceal((key) => byKey?.get(key)?.masked === true), [byKey]);
  useHotkeys([['r', () => setReviewing(changes.length > 0)]]);
  if (changes.length === 0) return null;
  return (
    <>
      <Paper component="section" aria-label="Collected changes" withBorder radius={0} px="md" py="xs">
        <Group justify="space-between">
          <Text size="sm">
            {changes.length === 1 ? '1 change' : `${changes.length} changes`} collected, not applied yet
          </Text>
          <Group gap="xs">
            <ImportFile />
            <Button variant="subtle" color="gray" onClick={() => draft.clear()}>
              Discard
            </Button>
            <Button onClick={() => setReviewing(true)}>Review and apply</Button>
          </Group>
        </Group>
      </Paper>
      {isReviewing && (
        <Suspense>
          <ReviewModal
            changes={changes}
            onClose={() => setReviewing(false)}
            onApplied={() => {
              setReviewing(false);
              draft.clear();
            }}
            onChange={(next) => {
              draft.remove(changes.map(({ key }) => key));
              draft.put(next);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
