import type { ChangeInput, Entry } from '@mutt/dynamic-config';

/** What a change would do to a key. */
export type Action = 'create' | 'update' | 'delete' | 'keep';

/** One key of a change set, beside what it holds now. */
export interface PlannedChange {
  readonly key: string;
  /** null: delete. */
  readonly value: string | null;
  /** undefined: the key is not set. */
  readonly current: Entry | undefined;
}

/** More keys than this are a wide change: a person is asked first. */
const WIDE = 10;

/** What the keys named would become, sorted by key. */
export function planOf(
  wanted: Iterable<readonly [key: string, value: string | null]>,
  current: (key: string) => Entry | undefined,
): PlannedChange[] {
  return [...wanted]
    .map(([key, value]) => ({ key, value, current: current(key) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

export function actionOf({ value, current }: PlannedChange): Action {
  if (value === (current?.value ?? null)) return 'keep';
  if (value === null) return 'delete';
  return current === undefined ? 'create' : 'update';
}

/** Only what would change anything. */
export function effective(plan: readonly PlannedChange[]): PlannedChange[] {
  return plan.filter((change) => actionOf(change) !== 'keep');
}

/** Whether a person should look twice. */
export function isDestructiveOrWide(plan: readonly PlannedChange[]): boolean {
  const changes = effective(plan);
  return changes.length > WIDE || changes.some((change) => actionOf(change) === 'delete');
}

/** The changes, each only if its key is still what was looked at. */
export function guarded(plan: readonly PlannedChange[]): ChangeInput[] {
  return plan.map(({ key, value, current }) => {
    // Nobody knows the revision of what was written past us: the store finds out when it is changed.
    const ifRevision = current !== undefined && current.changedAtMs === null ? undefined : (current?.revision ?? 0);
    return value === null ? { key, delete: true, ifRevision } : { key, value, ifRevision };
  });
}

/** `2 to create, 1 to delete`. */
export function countText(plan: readonly PlannedChange[]): string {
  const count = (wanted: Action): number => plan.filter((change) => actionOf(change) === wanted).length;
  const parts = [
    [count('create'), 'to set'],
    [count('update'), 'to change'],
    [count('delete'), 'to delete'],
  ] as const;
  return parts.flatMap(([n, what]) => (n === 0 ? [] : [`${n} ${what}`])).join(', ');
}
