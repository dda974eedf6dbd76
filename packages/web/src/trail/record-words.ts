import type { AuditOperation, AuditRecord } from '../api/replies.ts';
import { legible } from '../ui/legible.ts';
import type { ChangeSet } from './change-sets.ts';

/** What a secret is shown as. */
const SECRET_MASK = '••••••';

export const OPERATION_WORDS: Readonly<Record<AuditOperation, string>> = {
  CREATE: 'Added',
  UPDATE: 'Changed',
  DELETE: 'Deleted',
  GAP: 'Gap',
  REVEAL: 'Secret read',
};

export const SOURCE_WORDS: Readonly<Record<string, string>> = {
  commit: 'Through us',
  'out-of-band': 'Past us',
  gap: 'Gap',
  reveal: 'Secret read',
};

/** A change set in words; who did it comes first, if that is known. */
export interface Sentence {
  readonly who: string | null;
  readonly did: string;
  /** The one key that it is about. */
  readonly key: string | null;
}

const VERBS: Readonly<Record<AuditOperation, string>> = {
  CREATE: 'added',
  UPDATE: 'changed',
  DELETE: 'deleted',
  GAP: '',
  REVEAL: 'read the secret',
};

/** @param mayHaveMore records of the same change set may follow. */
export function sentenceOf({ newest, records }: ChangeSet, mayHaveMore = false): Sentence {
  const { operation, source, key, changed_by: who } = newest;
  if (operation === 'GAP') return { who: null, did: 'Records are missing here', key: null };
  // A read of a secret stands for itself.
  const only = records.length === 1 && (!mayHaveMore || operation === 'REVEAL') ? key : null;
  const did = only === null ? countWords(records, mayHaveMore) : VERBS[operation];
  if (source !== 'out-of-band') return { who: who ?? 'Somebody', did, key: only };
  const written = records.every((record) => record.operation === 'DELETE') ? 'Deleted' : 'Written';
  const what = only === null ? `: ${did}` : ':';
  return { who: null, did: `${written} directly in Redis, past us${what}`, key: only };
}

function countWords(records: readonly AuditRecord[], mayHaveMore: boolean): string {
  const counts = (['UPDATE', 'CREATE', 'DELETE'] as const)
    .map((operation) => ({
      verb: VERBS[operation],
      count: records.filter((one) => one.operation === operation).length,
    }))
    .filter(({ count }) => count > 0);
  const phrases = counts.map(
    ({ verb, count }) => `${verb} ${count.toLocaleString('en')}${mayHaveMore ? ' or more' : ''}`,
  );
  const isOne = counts.at(-1)?.count === 1 && !mayHaveMore;
  return `${joined(phrases)} ${isOne ? 'setting' : 'settings'}`;
}

function joined(phrases: readonly string[]): string {
  return phrases.length < 2 ? phrases.join('') : `${phrases.slice(0, -1).join(', ')} and ${phrases.at(-1)}`;
}

/** What a key held before and after; null: nothing. */
export function stepOf({ old_values: before, new_values: after }: AuditRecord): {
  readonly before: string | null;
  readonly after: string | null;
} {
  return { before: before?.value ?? null, after: after?.value ?? null };
}

/** Its values are not shown to everybody. */
export function isMasked(record: AuditRecord): boolean {
  const { before, after } = stepOf(record);
  return before === SECRET_MASK || after === SECRET_MASK;
}

/** The beginning of a text that somebody wrote, as it is shown. */
export function cutTo(most: number, text: string): string {
  return legible(text.length > most ? `${text.slice(0, most).trimEnd()}…` : text);
}
