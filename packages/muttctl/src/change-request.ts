import { printJson, printLine, printNotice, printSummary } from './output.ts';
import { changeText, valueText } from './change-text.ts';
import { commitChecked, noticesOn, problemsWith } from './commit-plan.ts';
import { confirmPlan } from './confirm.ts';
import type { ConnectionOptions, PlanOptions } from './connection-options.ts';
import { withConfig } from './connection.ts';
import { readDeclaredToWrite, type Declared } from './declared.ts';
import { Failure } from './failure.ts';
import { changeSetJson, commitJson } from './json-shapes.ts';
import { effective, planOf, countText, type PlannedChange } from './plan.ts';
import { planLines } from './plan-text.ts';
import { postToServer } from './server-request.ts';
import type { Target } from './target.ts';
import type { ChangeInput, DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';

/** What `set` and `delete` were asked to do. */
export interface ChangeRequest {
  readonly wanted: readonly (readonly [key: string, value: string | null])[];
  /** One key, told about as one key; otherwise it is a change set. */
  readonly isSingle: boolean;
  /** Called when all is read, before anything is shown or written. */
  readonly check?: (config: DynamicConfig) => Promise<void>;
}

export interface ChangeRequestOptions extends ConnectionOptions {
  readonly reason?: string;
  readonly ifRevision?: number;
  readonly notify: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** Shows, asks, checks and commits, and tells what changed. */
export async function requestChange(request: ChangeRequest, options: ChangeRequestOptions): Promise<void> {
  const { json = false, force } = options;
  await withConfig(options, async (config, target) => {
    const declared = await readDeclaredToWrite(config, target, { json, force });
    await request.check?.(config);
    const wanted = request.wanted.map(
      ([key, value]) => [key, value === null ? null : declared.registry.canonical(key, value)] as const,
    );
    const plan = planOf(wanted, (key) => config.entry(key));
    if (options.dryRun) return showPlan(plan, { target, declared }, options);
    await confirmPlan(plan, declared, options);
    const { reason, notify, ifRevision } = options;
    const changes = wanted.map(([key, value]): ChangeInput => {
      // Of one key, it is the key's revision; of several, the namespace's.
      const guard = request.isSingle && ifRevision !== undefined ? { ifRevision } : {};
      return value === null ? { key, delete: true, ...guard } : { key, value, ...guard };
    });
    const { commit, notices } = await commitChecked({ config, target, declared }, changes, {
      reason,
      notify,
      force,
      ifRevision: request.isSingle ? undefined : ifRevision,
    });
    report(request, commit, declared, json);
    for (const notice of notices) printNotice(notice, { json, fields: { level: 'warn' } });
  });
}

/**
 * Shows what a plan would do, and that nothing was done.
 *
 * @throws Failure when its values are refused.
 */
export async function showPlan(
  plan: readonly PlannedChange[],
  { target, declared }: { readonly target: Target; readonly declared: Declared },
  { json = false, force = false, reason }: Pick<PlanOptions, 'json' | 'force' | 'reason'>,
): Promise<void> {
  if (json) printJson({ dry_run: true, ...changeSetJson(plan, declared, null) });
  else for (const line of planLines(plan, declared)) printLine(line);
  const changes = effective(plan);
  const problems = problemsWith(changes, declared);
  if (problems.length > 0 && !force) throw new Failure('value_invalid', problems.join(' '));
  const notices =
    target.kind === 'server' && changes.length > 0
      ? await tryOnServer(changes, target, { force, reason })
      : [...problems, ...noticesOn(changes, declared)];
  for (const notice of notices) printNotice(notice, { json, fields: { level: 'warn' } });
  if (!json) printSummary(`${countText(plan) || 'Nothing to change'}. Nothing was written.`);
}

/** A server knows more of what is declared: schemas, and what whoever asks may change. */
async function tryOnServer(
  changes: readonly PlannedChange[],
  target: Target,
  { force, reason }: { readonly force: boolean; readonly reason: string | undefined },
): Promise<readonly string[]> {
  const body = {
    changes: changes.map(({ key, value }) => (value === null ? { key, delete: true } : { key, value })),
    dry_run: true,
    ...(reason !== undefined && { reason }),
    ...(force && { force }),
  };
  const { notices } = await postToServer(target, '/api/v1/changes', body);
  return Array.isArray(notices) ? notices.map(String) : [];
}

function report({ isSingle }: ChangeRequest, commit: LoggedCommit, declared: Declared, json: boolean): void {
  const [first] = commit.changes;
  if (json) {
    if (isSingle && first !== undefined) return printJson(commitJson(first.key, commit, declared));
    return printJson({ dry_run: false, ...changeSetJson(committedPlan(commit), declared, commit) });
  }
  const lines = commit.changes.map(({ key, value }, n) => {
    const previous = commit.previousValues[n] ?? null;
    const before = declared.shown(key, previous);
    if (value === null) return `${key}: deleted, was ${valueText(before, '(not set)')}`;
    return `${key}: ${changeText(before, declared.shown(key, value))}${previous === value ? ', the same value' : ''}`;
  });
  if (lines.length === 1) printSummary(`${lines[0]} (revision ${commit.revision})`);
  else printSummary([...lines, `${lines.length} keys changed (revision ${commit.revision}).`].join('\n'));
}

/** What a commit did, as a plan tells it. */
function committedPlan({ changes, previousValues }: LoggedCommit): PlannedChange[] {
  return changes.map(({ key, value }, n) => {
    const previous = previousValues[n] ?? null;
    const current =
      previous === null ? undefined : { value: previous, revision: 0, changedAtMs: null, changedBy: null };
    return { key, value, current };
  });
}
