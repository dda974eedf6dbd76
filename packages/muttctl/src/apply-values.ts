import type { DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import { showPlan } from './change-request.ts';
import { commitChecked } from './commit-plan.ts';
import { confirmPlan } from './confirm.ts';
import type { PlanOptions } from './connection-options.ts';
import type { Declared } from './declared.ts';
import { Failure } from './failure.ts';
import { changeSetJson } from './json-shapes.ts';
import { printJson, printLine, printNotice, printSummary } from './output.ts';
import { countText, effective, guarded, planOf, type PlannedChange } from './plan.ts';
import { planLines } from './plan-text.ts';
import type { Target } from './target.ts';

export interface Applying {
  readonly config: DynamicConfig;
  readonly target: Target;
  readonly declared: Declared;
}

export interface ApplyOptions extends PlanOptions {
  /** Delete what is not wanted. */
  readonly prune?: boolean;
  /** Show the difference before it is applied. */
  readonly showsDiff?: boolean;
  /** Several change sets, where one cannot hold it. */
  readonly inParts?: boolean;
}

/** As many as one change set takes, with room for their keys in its 8 MiB. */
const PART_CHANGES = 1_000;
const PART_BYTES = 7 * 1024 * 1024;

/**
 * Makes the namespace hold what is wanted: plan, difference, one change set.
 *
 * @returns whether there was anything to do.
 */
export async function applyValues(
  wanted: ReadonlyMap<string, string | null>,
  where: Applying,
  options: ApplyOptions,
): Promise<boolean> {
  const { config, declared } = where;
  const { json = false, dryRun = false, prune = false, showsDiff = false } = options;
  await assertNoMask(wanted, declared);
  const unwanted = prune ? toPrune(wanted, where, json) : [];
  const all = planOf([...wanted, ...unwanted.map((key) => [key, null] as const)], (key) => config.entry(key));
  const plan = effective(all);
  if (plan.length === 0) {
    if (json) printJson({ dry_run: dryRun, ...changeSetJson([], declared, null) });
    else printSummary(`Nothing to change: ${keysText(all.length)} as wanted.`);
    return false;
  }
  if (dryRun) {
    for (const part of options.inParts ? partsOf(plan) : [plan]) await showPlan(part, where, options);
    return true;
  }
  if (showsDiff && !json) for (const line of planLines(plan, declared)) printLine(line);
  await confirmPlan(plan, declared, { yes: options.yes, isShown: showsDiff && !json });
  await commitParts(plan, where, options);
  return true;
}

async function commitParts(plan: readonly PlannedChange[], where: Applying, options: ApplyOptions): Promise<void> {
  const { json = false, reason, force, inParts = false } = options;
  for (const part of inParts ? partsOf(plan) : [plan]) {
    const { commit, notices } = await commitChecked(where, guarded(part), { reason, force });
    report(part, where.declared, commit, json);
    for (const notice of notices) printNotice(notice, { json, fields: { level: 'warn' } });
  }
}

function report(plan: readonly PlannedChange[], declared: Declared, commit: LoggedCommit, json: boolean): void {
  if (json) printJson({ dry_run: false, ...changeSetJson(plan, declared, commit) });
  else printSummary(`Applied: ${countText(plan)} (revision ${commit.revision}).`);
}

/** The mask of a secret is not its value: what shows secrets masked must not come back as if it was meant. */
async function assertNoMask(wanted: ReadonlyMap<string, string | null>, { registry }: Declared): Promise<void> {
  const { SECRET_MASK } = await import('@mutt/dynamic-config');
  for (const [key, value] of wanted) {
    if (value !== SECRET_MASK || registry.get(key)?.description.isSecret !== true) continue;
    throw new Failure(
      'value_invalid',
      `${key} holds the mask of a secret, not a value: leave it out, or give its value.`,
    );
  }
}

/** All that is set and not wanted, but secrets: files seldom hold them. */
function toPrune(wanted: ReadonlyMap<string, unknown>, { config, declared }: Applying, json: boolean): string[] {
  if (wanted.size === 0) {
    throw new Failure(
      'usage',
      'There are no keys to apply, and --prune would delete all that are set: nothing was done.',
    );
  }
  const unwanted = Object.keys(config.getAll()).filter((key) => !wanted.has(key));
  const secrets = unwanted.filter((key) => declared.registry.get(key)?.description.isSecret === true);
  if (secrets.length > 0) {
    const message = `--prune leaves secrets alone: ${secrets.join(', ')}. Delete them by name.`;
    printNotice(message, { json, fields: { level: 'warn' } });
  }
  return unwanted.filter((key) => !secrets.includes(key));
}

function partsOf(plan: readonly PlannedChange[]): PlannedChange[][] {
  const parts: PlannedChange[][] = [[]];
  let bytes = 0;
  for (const change of plan) {
    const size = Buffer.byteLength(change.value ?? '');
    if (parts.at(-1)?.length === PART_CHANGES || (bytes > 0 && bytes + size > PART_BYTES)) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(change);
    bytes += size;
  }
  return parts;
}

function keysText(count: number): string {
  return count === 1 ? '1 key is' : `${count} keys are`;
}
