import type { DraftChange } from '../draft/draft.ts';
import type { Row } from './rows.ts';

/** What can be changed in its row without more room for it; null: on its own page only. */
export function quickKind({ setting, value }: Row): 'boolean' | 'number' | null {
  if (setting === null || setting.secret || value === null) return null;
  if (setting.type === 'boolean') return 'boolean';
  return setting.type === 'integer' || setting.type === 'number' ? 'number' : null;
}

/** Another value for a row, of which somebody else may be quicker. */
export function quickChange({ key, entry }: Row, value: string): DraftChange {
  return { key, value, baseValue: entry?.value ?? null, baseRevision: entry?.revision ?? 0, isSecret: false };
}
