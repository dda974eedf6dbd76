import type { ApiError } from '../api/api-error.ts';
import type { DraftChanges } from './draft.ts';

/** What the API takes at once. */
export const MOST_CHANGES = 1_000;

/** Which key a refusal is about, where it names one of them; null: it is about all. */
export function refusedKey(
  { message, details }: Pick<ApiError, 'message' | 'details'>,
  changes: DraftChanges,
): string | null {
  const named = details['key'];
  const isOf = (key: string): boolean => changes.some((change) => change.key === key);
  if (typeof named === 'string' && isOf(named)) return named;
  // The sentences of the server begin so: "The value of moog_rate_limit must be …".
  const [, key] =
    /^(?:The value of|Invalid value for|No service declares the key) ([A-Za-z0-9_.:/-]+)/.exec(message) ?? [];
  // A key may end with what also ends a sentence.
  return [key, key?.replace(/[.:]$/, '')].find((one): one is string => one !== undefined && isOf(one)) ?? null;
}

/** What a refusal means for whoever reviews changes, and what to do about it. */
export function refusalText(
  { code, status, message, isOutcomeUnknown }: Pick<ApiError, 'code' | 'status' | 'message' | 'isOutcomeUnknown'>,
  { isStoreEmptied = false } = {},
): string {
  if (status === 413) return 'This is too large: a value is at most 1 MiB, a change set 8 MiB. Apply it in parts.';
  if (code === 'revision_conflict' && isStoreEmptied) {
    return 'The store came back empty and does not have what is to be changed. First its values are put back, or given up: see the overview.';
  }
  if (code === 'revision_conflict') return 'Somebody was quicker. Look at what they changed, then decide.';
  if (isOutcomeUnknown) {
    return 'It may or may not be applied: nobody confirmed it in time. Apply it again as it is: that applies it once, not twice.';
  }
  return message;
}

/** What has become of a change: that nothing happened is only said where it is known. */
export function failureTitle(isOutcomeUnknown: boolean, known: string): string {
  return isOutcomeUnknown ? 'It is not known whether that was done' : known;
}

/** What the API would refuse, whatever the values are; null: nothing. */
export function tooMany(changes: DraftChanges): string | null {
  if (changes.length <= MOST_CHANGES) return null;
  const count = changes.length.toLocaleString('en');
  return `These are ${count} changes, and at most ${MOST_CHANGES.toLocaleString('en')} are applied as one. Leave some out, or apply them in parts.`;
}
