import type { Command } from 'commander';
import { adviseOn } from '../../advice.ts';
import { changeText } from '../../change-text.ts';
import {
  addConnectionOptions,
  addExamples,
  addRevealOption,
  toCount,
  type RevealOptions,
} from '../../connection-options.ts';
import { checkKey, withConfig } from '../../connection.ts';
import { readDeclared, type Declared } from '../../declared.ts';
import { isoTime } from '../../json-shapes.ts';
import { keyMissing } from '../../key-missing.ts';
import { changesOf, reachText, readLog, type KeyChange } from '../../log-history.ts';
import { colours, printJson, printLine, printNotice } from '../../output.ts';
import { getFromServer } from '../../server-request.ts';
import { chooseTarget, type Target } from '../../target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';

interface HistoryOptions extends RevealOptions {
  readonly limit: number;
}

/** A change of the key, as it is shown: secrets are masked by now. */
interface Shown {
  readonly key: string;
  readonly value: string | null;
  readonly previous_value: string | null;
  readonly revision: number;
  readonly changed_at: string | null;
  readonly changed_by: string | null;
  readonly reason: string | null;
  readonly source: string;
}

interface Past {
  readonly changes: readonly Shown[];
  /** False where older changes are no longer known, or were not asked for. */
  readonly isComplete: boolean;
  readonly notice: string | null;
}

/** Most that a server gives at once. */
const PAGE = 100;

export function defineHistory(command: Command): void {
  addRevealOption(addConnectionOptions(command))
    .option('-n, --limit <n>', 'the newest so many changes', toCount, 50)
    .action(history);
  addExamples(command, {
    'muttctl config history moog_rate_limit': 'who changed it, when and why, the newest first',
    'muttctl config history moog_rate_limit -n 1': 'the last change',
    "muttctl config history moog_rate_limit --json | jq -r '.changes[].changed_by'": 'for a script',
  });
}

async function history(key: string, options: HistoryOptions): Promise<void> {
  await checkKey(key);
  const target = await chooseTarget(options, process.env);
  const past = target.kind === 'server' ? await fromTrail(target, key, options) : await fromLog(key, options);
  const json = options.json === true;
  if (json) printJson({ key, changes: past.changes, complete: past.isComplete });
  else printLine(past.changes.map(toText).join('\n\n'));
  if (past.notice !== null) printNotice(past.notice, { json, fields: { level: 'warn' } });
}

async function fromTrail(target: Target, key: string, { limit, reveal }: HistoryOptions): Promise<Past> {
  const changes: Shown[] = [];
  let cursor: unknown = null;
  do {
    const query = new URLSearchParams({
      limit: String(Math.min(limit - changes.length, PAGE)),
      ...(reveal && { reveal: 'true' }),
      ...(typeof cursor === 'string' && { cursor }),
    });
    const page = await getFromServer(
      target,
      `/api/v1/config/${encodeURIComponent(key)}/history?${query.toString()}`,
    ).catch((error: unknown) => {
      throw adviseOn(error, target);
    });
    const records = page['records'] as Record<string, unknown>[];
    // Who looked at a secret has changed nothing.
    const changed = records.filter((record) => record['operation'] !== 'REVEAL');
    changes.push(...changed.map((record) => toShown(key, record)));
    cursor = page['next_cursor'];
  } while (typeof cursor === 'string' && changes.length < limit);
  return { changes, isComplete: typeof cursor !== 'string', notice: null };
}

function toShown(key: string, record: Record<string, unknown>): Shown {
  const valueIn = (values: unknown): string | null => (values as { value?: string } | null)?.value ?? null;
  return {
    key,
    value: valueIn(record['new_values']),
    previous_value: valueIn(record['old_values']),
    revision: Number(record['revision']),
    changed_at: record['changed_at'] as string | null,
    changed_by: record['changed_by'] as string | null,
    reason: record['reason'] as string | null,
    source: String(record['source']),
  };
}

async function fromLog(key: string, options: HistoryOptions): Promise<Past> {
  return withConfig(options, async (config) => {
    const declared = await readDeclared(config, options);
    let firstRevision: readonly [number, number] | null = null;
    const log = await readLog(config, (commit) => {
      firstRevision ??= [commit.revision, commit.changedAtMs];
      return commit.changes.some((change) => change.key === key);
    });
    const all = changesOf(log, key);
    if (all.length === 0 && config.entry(key) === undefined) throw keyMissing(key, Object.keys(config.getAll()));
    const isComplete = log.isComplete && all.length <= options.limit;
    return {
      changes: all.slice(0, options.limit).map((change) => toLoggedJson(key, change, declared)),
      isComplete,
      notice: log.isComplete ? null : reachText(firstRevision),
    };
  });
}

function toLoggedJson(key: string, { commit, value, previousValue }: KeyChange, declared: Declared): Shown {
  return {
    key,
    value: declared.shown(key, value),
    previous_value: declared.shown(key, previousValue),
    revision: commit.revision,
    changed_at: isoTime(commit.changedAtMs),
    changed_by: commit.changedBy,
    reason: commit.reason,
    source: commit.source,
  };
}

function toText(change: Shown): string {
  const { yellow } = colours(process.stdout);
  const who = change.changed_by ?? 'somebody who wrote directly to the store';
  return [
    yellow(`revision ${change.revision}`),
    `Author: ${escapeUnsafe(who)}`,
    `Date:   ${change.changed_at ?? 'not known'}`,
    '',
    ...(change.reason === null ? [] : [`    ${escapeUnsafe(change.reason)}`, '']),
    `    ${changeText(change.previous_value, change.value)}`,
  ].join('\n');
}
