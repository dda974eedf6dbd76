import type { ConfigStore, Entry, LoggedCommit } from '@mutt/dynamic-config';
import { Failure } from './failure.ts';
import type { Moment } from './moment.ts';
import { withProgress } from './progress.ts';

// The past as the log of the store tells it, for where there is no server with an audit trail.

/** What the log holds. */
export interface Log {
  readonly commits: readonly LoggedCommit[];
  /** False where older change sets were trimmed. */
  readonly isComplete: boolean;
}

/** One change of a key. */
export interface KeyChange {
  readonly commit: LoggedCommit;
  readonly value: string | null;
  readonly previousValue: string | null;
}

/** What differs between two moments. */
export interface LogDiff {
  readonly from: number;
  readonly to: number;
  readonly epoch: string;
  readonly changes: readonly { readonly key: string; readonly before: string | null; readonly after: string | null }[];
}

/** @param keep leaves out what is not of interest, so that a long log need not be held. */
export async function readLog(
  store: Pick<ConfigStore, 'history'>,
  keep: (commit: LoggedCommit) => boolean = () => true,
): Promise<Log> {
  const read = async (): Promise<Log> => {
    const commits: LoggedCommit[] = [];
    let first: number | null = null;
    for await (const commit of store.history({ afterRevision: 0 })) {
      first ??= commit.revision;
      if (keep(commit)) commits.push(commit);
    }
    return { commits, isComplete: first === null || first === 1 };
  };
  return withProgress('Reading the log …', read());
}

/** What happened to a key, the newest first. */
export function changesOf({ commits }: Pick<Log, 'commits'>, key: string): KeyChange[] {
  return commits
    .flatMap((commit) => {
      const n = commit.changes.findIndex((change) => change.key === key);
      if (n === -1) return [];
      return [{ commit, value: commit.changes[n]?.value ?? null, previousValue: commit.previousValues[n] ?? null }];
    })
    .toReversed();
}

/**
 * The revision at which the namespace was at a moment.
 *
 * @throws Failure
 */
export function revisionAt({ commits, isComplete }: Log, moment: Moment): number {
  const [oldest, newest] = [commits[0], commits.at(-1)];
  const start = (oldest?.revision ?? 1) - 1;
  if ('timeMs' in moment) {
    const before = commits.findLast(({ changedAtMs }) => changedAtMs <= moment.timeMs);
    if (before !== undefined) return before.revision;
    if (isComplete) return 0;
    throw tooOld(oldest);
  }
  const { epoch, revision } = moment;
  if (epoch !== undefined && epoch !== newest?.epoch) {
    throw new Failure(
      'revision_unknown',
      `The epoch ${epoch} is over: the log of the store knows only ${newest?.epoch ?? 'none'}.`,
    );
  }
  if (revision > (newest?.revision ?? 0)) {
    throw new Failure(
      'revision_unknown',
      `There is no revision ${revision} yet: the namespace is at ${newest?.revision ?? 0}.`,
    );
  }
  if (revision < start) throw tooOld(oldest);
  return revision;
}

/** What the keys held at the two moments, of those that differ; sorted by key. */
export function diffBetween(log: Log, from: number, to: number): LogDiff {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const keys = new Map<string, { before: string | null; after: string | null }>();
  for (const { revision, changes, previousValues } of log.commits) {
    if (revision <= low || revision > high) continue;
    for (const [n, { key, value }] of changes.entries()) {
      const seen = keys.get(key);
      if (seen === undefined) keys.set(key, { before: previousValues[n] ?? null, after: value });
      else seen.after = value;
    }
  }
  const changes = [...keys]
    .filter(([, { before, after }]) => before !== after)
    .map(([key, { before, after }]) => (from <= to ? { key, before, after } : { key, before: after, after: before }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return { from, to, epoch: log.commits.at(-1)?.epoch ?? '', changes };
}

/** What a key held at a revision that the log reaches back to. */
export function valueAt(log: Log, key: string, revision: number, current: Entry | undefined): string | null {
  const changes = changesOf(log, key).toReversed();
  const next = changes.find(({ commit }) => commit.revision > revision);
  return next === undefined ? (current?.value ?? null) : next.previousValue;
}

/** How far back the log goes, as a sentence. */
export function reachText(first: readonly [revision: number, changedAtMs: number] | null): string {
  if (first === null) return 'The log of the store is empty.';
  const [revision, changedAtMs] = first;
  return `The log of the store goes back to revision ${revision} (${new Date(changedAtMs).toISOString()}); the audit trail of a server goes further.`;
}

function tooOld(oldest: LoggedCommit | undefined): Failure {
  return new Failure(
    'history_unavailable',
    `The log of the store does not go back that far: its first revision is ${oldest?.revision ?? 'not there'}. The audit trail of a server may: use --url http://….`,
  );
}
