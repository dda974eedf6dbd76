import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { DraftChanges } from '../draft/draft.ts';
import { useMayEdit } from '../session/use-session.ts';
import type { Selection } from './use-selection.ts';

const NewSetting = lazy(async () => ({ default: (await import('./new-setting.tsx')).NewSetting }));
const ReviewModal = lazy(async () => ({ default: (await import('../draft/review-modal.tsx')).ReviewModal }));
const SelectionBar = lazy(async () => ({ default: (await import('./selection-bar.tsx')).SelectionBar }));

/** What can be done on the page of all settings: with those that are selected, or else to add one. */
export function SettingsActions({ selection }: { readonly selection: Selection }): ReactNode {
  const mayEdit = useMayEdit();
  const [isAdding, setAdding] = useState(false);
  const [review, setReview] = useState<DraftChanges>([]);
  const close = (): void => setReview([]);
  useHotkeys([['n', () => setAdding(mayEdit)]]);
  return (
    <>
      {selection.rows.length > 0 ? (
        <Suspense>
          <SelectionBar rows={selection.rows} mayEdit={mayEdit} onClear={selection.clear} />
        </Suspense>
      ) : (
        mayEdit && (
          <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setAdding(true)}>
            New setting
          </Button>
        )
      )}
      {isAdding && (
        <Suspense>
          <NewSetting
            onClose={() => setAdding(false)}
            onReview={(changes) => {
              setAdding(false);
              setReview(changes);
            }}
          />
        </Suspense>
      )}
      {review.length > 0 && (
        <Suspense>
          <ReviewModal changes={review} onClose={close} onApplied={close} onChange={setReview} />
        </Suspense>
      )}
    </>
  );
}
