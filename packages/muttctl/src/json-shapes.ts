import type { AppliedChange, Entry, LoggedCommit, RegisteredSetting, SettingDescription } from '@mutt/dynamic-config';
import type { Declared } from './declared.ts';
import { actionOf, type PlannedChange } from './plan.ts';

// What --json prints. Scripts depend on it: documented in the README, extended but never renamed.

/** An entry; null for what is not known: the value comes from `--default`, or was written out of band. */
export function entryJson(key: string, entry: Pick<Entry, 'value'> & Partial<Entry>): Record<string, unknown> {
  return {
    key,
    value: entry.value,
    revision: entry.revision ?? null,
    changed_at: isoTime(entry.changedAtMs ?? null),
    changed_by: entry.changedBy ?? null,
  };
}

/** A key of a list: set, declared, or both. */
interface Listed {
  readonly key: string;
  readonly entry: Entry | undefined;
  readonly setting: RegisteredSetting | undefined;
}

/**
 * What is set, twice: as a plain object for `jq`, and with what is known about each; and what is declared.
 *
 * @param describe writes a description as the server's API has it.
 */
export function listJson(
  listed: readonly Listed[],
  revision: number,
  describe: (description: SettingDescription) => Record<string, unknown>,
): Record<string, unknown> {
  // Without a prototype: `__proto__` is a key like any other.
  const config: Record<string, string> = Object.create(null) as Record<string, string>;
  const entries: Record<string, unknown>[] = [];
  const settings: Record<string, unknown>[] = [];
  for (const { key, entry, setting } of listed) {
    if (entry !== undefined) {
      config[key] = entry.value;
      entries.push(entryJson(key, entry));
    }
    if (setting !== undefined) {
      const { description, declaredBy, conflict } = setting;
      settings.push({ key, is_set: entry !== undefined, ...describe(description), declared_by: declaredBy, conflict });
    }
  }
  return { config, count: entries.length, revision, entries, settings };
}

/** A confirmed `set` or `delete`. */
export function commitJson(key: string, commit: LoggedCommit, declared: Declared): Record<string, unknown> {
  const index = commit.changes.findIndex((change) => change.key === key);
  const { revision, changedAtMs, changedBy, reason, source } = commit;
  const value = commit.changes[index]?.value ?? null;
  const previousValue = commit.previousValues[index] ?? null;
  return changeJson({ key, value, previousValue, revision, changedAtMs, changedBy, reason, source }, declared);
}

/** A change, as `watch` sees it. */
export function changeJson(change: AppliedChange, declared: Declared): Record<string, unknown> {
  return {
    key: change.key,
    value: declared.shown(change.key, change.value),
    previous_value: declared.shown(change.key, change.previousValue),
    revision: change.revision,
    changed_at: isoTime(change.changedAtMs),
    changed_by: change.changedBy,
    reason: change.reason,
    source: change.source,
  };
}

/** A change set: what it would do, or what it did. */
export function changeSetJson(
  plan: readonly PlannedChange[],
  declared: Pick<Declared, 'shown'>,
  commit: LoggedCommit | null,
): Record<string, unknown> {
  return {
    revision: commit?.revision ?? null,
    changed_at: isoTime(commit?.changedAtMs ?? null),
    changed_by: commit?.changedBy ?? null,
    reason: commit?.reason ?? null,
    changes: plan.map((change) => plannedJson(change, declared)),
  };
}

export function plannedJson(change: PlannedChange, declared: Pick<Declared, 'shown'>): Record<string, unknown> {
  const { key, value, current } = change;
  return {
    key,
    action: actionOf(change),
    value: declared.shown(key, value),
    previous_value: declared.shown(key, current?.value ?? null),
  };
}

export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
