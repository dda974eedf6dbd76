import type { ChangeInput, DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import type { Declared } from './declared.ts';
import { Failure } from './failure.ts';
import { withProgress } from './progress.ts';
import type { PlannedChange } from './plan.ts';
import type { Target } from './target.ts';

export interface CommitPlanOptions {
  readonly reason?: string | undefined;
  readonly notify?: boolean | undefined;
  readonly force?: boolean | undefined;
  /** Only if the namespace is still at this revision. */
  readonly ifRevision?: number | undefined;
}

/** What a change set came to. */
export interface Committed {
  readonly commit: LoggedCommit;
  /** What its maker should know, as sentences. */
  readonly notices: readonly string[];
}

interface Where {
  readonly config: DynamicConfig;
  readonly target: Pick<Target, 'kind'>;
  readonly declared: Declared;
}

/**
 * Commits a change set. A server checks what it is sent; a Redis takes anything, so there the check is here.
 *
 * @throws Failure `value_invalid`
 */
export async function commitChecked(
  { config, target, declared }: Where,
  changes: readonly ChangeInput[],
  options: CommitPlanOptions,
): Promise<Committed> {
  const { force = false, reason } = options;
  const what = changes.length === 1 ? 'Writing …' : `Writing ${changes.length} keys …`;
  if (target.kind === 'server') {
    const commit = await withProgress(what, config.commit(changes, { ...options, force }));
    return { commit, notices: commit.notices ?? [] };
  }
  const texts = changes.map((change) => ({
    key: change.key,
    value: 'delete' in change ? null : String(change.value),
  }));
  const problems = problemsWith(texts, declared);
  if (problems.length > 0 && !force) throw new Failure('value_invalid', problems.join(' '));
  const { forcedReason } = await import('@mutt/dynamic-config');
  const why = force ? forcedReason(reason) : reason;
  const { force: _, ...rest } = options;
  const commit = await withProgress(what, config.commit(changes, { ...rest, reason: why }));
  return { commit, notices: [...problems, ...noticesOn(texts, declared)] };
}

/** Why services refuse values of a change set, as sentences. */
export function problemsWith(
  changes: readonly Pick<PlannedChange, 'key' | 'value'>[],
  { registry }: Declared,
): string[] {
  return changes.flatMap(({ key, value }) => (value === null ? [] : (registry.problemWith(key, value) ?? [])));
}

/** What whoever sets these keys should know, as sentences. */
export function noticesOn(changes: readonly Pick<PlannedChange, 'key' | 'value'>[], { registry }: Declared): string[] {
  return changes
    .filter(({ value }) => value !== null)
    .flatMap(({ key }) => [...[registry.unknownKey(key)].filter((one) => one !== null), ...registry.noticesOn(key)]);
}
