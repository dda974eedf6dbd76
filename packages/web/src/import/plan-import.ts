import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';
import type { DraftChange } from '../draft/draft.ts';
import { problemWithKey } from '../settings/key-rule.ts';
import type { Values } from './read-file.ts';

/** What a value is shown as that may not be read. */
const SECRET_MASK = '••••••';

/** What a file would change. */
export interface ImportPlan {
  readonly sets: readonly DraftChange[];
  /** What the file does not have. */
  readonly deletes: readonly DraftChange[];
  readonly unchanged: number;
  /** Secrets that the file has as their mask: left as they are. */
  readonly masked: readonly string[];
  /** What no key may be named. */
  readonly badKeys: readonly string[];
}

interface Known {
  readonly byKey: ReadonlyMap<string, ListedEntry>;
  readonly settings: ReadonlyMap<string, DeclaredSetting>;
}

/** Compares a file with what is there. */
export function planImport(values: Values, { byKey, settings }: Known): ImportPlan {
  const toChange = (key: string, value: string | null): DraftChange => {
    const entry = byKey.get(key);
    const isSecret = entry?.masked === true || settings.get(key)?.secret === true;
    return { key, value, baseValue: entry?.value ?? null, baseRevision: entry?.revision ?? 0, isSecret };
  };
  const good = [...values].filter(([key]) => problemWithKey(key) === null);
  const changes = good.map(([key, value]) => toChange(key, value));
  const masked = changes.filter(({ value, isSecret }) => isSecret && value === SECRET_MASK);
  const sets = changes.filter((one) => !masked.includes(one) && (one.isSecret || one.value !== one.baseValue));
  return {
    sets,
    deletes: [...byKey.keys()].filter((key) => !values.has(key)).map((key) => toChange(key, null)),
    unchanged: good.length - sets.length - masked.length,
    masked: masked.map(({ key }) => key),
    badKeys: [...values.keys()].filter((key) => problemWithKey(key) !== null),
  };
}
