import { useSyncExternalStore } from 'react';
import { Draft, type DraftChanges } from './draft.ts';

/** The change set that is being put together in this tab. */
export const draft = new Draft(sessionStorage);

export function useDraft(): DraftChanges {
  return useSyncExternalStore(draft.subscribe, draft.current);
}
