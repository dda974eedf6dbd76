import { Option, type Command } from 'commander';
import type { DynamicConfig, Entry } from '@mutt/dynamic-config';
import { adviseOn } from '../../advice.ts';
import { valueText } from '../../change-text.ts';
import { commitChecked } from '../../commit-plan.ts';
import { confirmPlan } from '../../confirm.ts';
import {
  addConnectionOptions,
  addExamples,
  addPlanOptions,
  toRevision,
  type PlanOptions,
} from '../../connection-options.ts';
import { checkKey, withConfig } from '../../connection.ts';
import { showPlan } from '../../change-request.ts';
import { readDeclaredToWrite } from '../../declared.ts';
import type { FailureCode } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { readLog } from '../../log-history.ts';
import { isInteractive, printJson, printNotice, printSummary } from '../../output.ts';
import { guarded } from '../../plan.ts';
import { backTo, rollbackConflict, undoOfChangeSet, undoOfKey, type RollbackPlan } from '../../rollback-plan.ts';
import { postToServer } from '../../server-request.ts';
import { chooseTarget, type Target } from '../../target.ts';

interface RollbackOptions extends PlanOptions {
  readonly revision?: number;
  readonly to?: number;
  readonly changeSet?: number;
}

const BEYOND_THE_LOG: readonly FailureCode[] = ['history_unavailable', 'revision_unknown'];

export function defineRollback(command: Command): void {
  addPlanOptions(addConnectionOptions(command))
    .option('--revision <n>', 'undo what this revision did to the key (default: its last change)', toRevision)
    .addOption(
      new Option('--to <n>', 'put back what the key held at this revision').argParser(toRevision).conflicts('revision'),
    )
    .addOption(
      new Option('--change-set <n>', 'undo all that a revision did, as one')
        .argParser(toRevision)
        .conflicts(['revision', 'to']),
    )
    .option('--reason <text>', 'why; recorded with the change')
    .action(rollback);
  addExamples(
    command,
    {
      "muttctl config rollback moog_rate_limit --reason 'incident 4711'": 'undo the last change of a key',
      'muttctl config rollback moog_rate_limit --revision 42': 'undo what revision 42 did to it',
      'muttctl config rollback moog_rate_limit --to 17': 'back to what it held at revision 17',
      'muttctl config rollback --change-set 42 --dry-run': 'what undoing a whole change set would do',
    },
    'Refused where somebody changed a key since; --force takes back newer changes, too. A rollback is a change itself.',
  );
}

async function rollback(key: string | undefined, options: RollbackOptions): Promise<void> {
  if ((key === undefined) === (options.changeSet === undefined)) {
    throw new Failure('usage', 'Say what to undo: muttctl config rollback <key>, or --change-set <revision>.');
  }
  if (key !== undefined) await checkKey(key);
  const target = await chooseTarget(options, process.env);
  if (target.kind === 'redis' || options.dryRun) return rollBackByLog(key, options);
  if (isInteractive() && !options.yes) await confirmByLog(key, options);
  return rollBackByServer(key, target, options);
}

/** Asks about what the log of the server tells. Where it does not go back that far, the audit trail has the say. */
async function confirmByLog(key: string | undefined, options: RollbackOptions): Promise<void> {
  await withConfig(options, async (config, target) => {
    const declared = await readDeclaredToWrite(config, target, { json: options.json === true });
    const rollbackPlan = await planOfRollback(config, key, options).catch((error: unknown) => {
      if (error instanceof Failure && BEYOND_THE_LOG.includes(error.code)) return null;
      throw error;
    });
    if (rollbackPlan !== null) await confirmPlan(rollbackPlan.plan, declared, options);
  });
}

async function rollBackByServer(key: string | undefined, target: Target, options: RollbackOptions): Promise<void> {
  const { revision, to, changeSet, reason, force = false } = options;
  const path = key === undefined ? `changes/${changeSet}/rollback` : `config/${encodeURIComponent(key)}/rollback`;
  const body = {
    ...(revision !== undefined && { revision }),
    ...(to !== undefined && { to_revision: to }),
    ...(reason !== undefined && { reason }),
    ...(force && { force }),
  };
  const answer = await postToServer(target, `/api/v1/${path}`, body).catch((error: unknown) => {
    throw inOurWords(adviseOn(error, target));
  });
  const keys = key === undefined ? (answer['keys'] as string[]) : [key];
  report({ revision: Number(answer['revision']), keys, value: answer['value'] as string | null }, options);
}

/** The server tells how to force it in a request. */
function inOurWords(failure: Failure): Failure {
  return new Failure(failure.code, failure.message.replace('Send "force": true', 'Pass --force'), { cause: failure });
}

async function rollBackByLog(key: string | undefined, options: RollbackOptions): Promise<void> {
  const { json = false, reason, force = false } = options;
  await withConfig(options, async (config, target) => {
    const declared = await readDeclaredToWrite(config, target, { json, force });
    const { plan, what } = await planOfRollback(config, key, options);
    if (options.dryRun) return showPlan(plan, { target, declared }, options);
    await confirmPlan(plan, declared, options);
    const told = reason === undefined || reason === '' ? what : `${what}: ${reason}`;
    // Forced is what is refused otherwise, not what is taken back.
    const isRefused = plan.some(
      ({ key, value }) => value !== null && declared.registry.problemWith(key, value) !== null,
    );
    const { commit, notices } = await commitChecked({ config, target, declared }, guarded(plan), {
      reason: told,
      force: force && isRefused,
    }).catch(async (error: unknown) => {
      throw await asConflict(error, config);
    });
    const [first] = commit.changes;
    const value = first === undefined ? null : declared.shown(first.key, first.value);
    report({ revision: commit.revision, keys: commit.changes.map((change) => change.key), value }, options);
    for (const notice of notices) printNotice(notice, { json, fields: { level: 'warn' } });
  });
}

async function planOfRollback(
  config: DynamicConfig,
  key: string | undefined,
  { revision, to, changeSet, force = false }: RollbackOptions,
): Promise<RollbackPlan> {
  const log = await readLog(config);
  const currentOf = (one: string): Entry | undefined => config.entry(one);
  if (key === undefined) return undoOfChangeSet(log, changeSet ?? 0, { currentOf, force });
  if (to !== undefined) return backTo(log, key, to, currentOf);
  return undoOfKey(log, { key, revision }, { currentOf, force });
}

/** Somebody was quicker. */
async function asConflict(error: unknown, config: DynamicConfig): Promise<unknown> {
  const { RevisionConflictError } = await import('@mutt/dynamic-config');
  if (!(error instanceof RevisionConflictError) || error.key === null) return error;
  await config.refresh();
  return rollbackConflict([[error.key, config.entry(error.key)]]);
}

interface RolledBack {
  readonly revision: number;
  readonly keys: readonly string[];
  /** Of a single key. */
  readonly value: string | null;
}

function report({ revision, keys, value }: RolledBack, { json = false, changeSet }: RollbackOptions): void {
  if (json) return printJson({ revision, keys });
  if (changeSet !== undefined) return printSummary(`Rolled back: ${keys.join(', ')} (revision ${revision})`);
  const what = value === null ? 'deleted again' : `rolled back to ${valueText(value, '')}`;
  printSummary(`${keys[0]}: ${what} (revision ${revision})`);
}
