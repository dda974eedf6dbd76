import type { Command } from 'commander';
import { adviseOn } from '../../advice.ts';
import { changeText } from '../../change-text.ts';
import { addConnectionOptions, addExamples, addRevealOption, type RevealOptions } from '../../connection-options.ts';
import { withConfig } from '../../connection.ts';
import { readDeclared } from '../../declared.ts';
import { plannedJson } from '../../json-shapes.ts';
import { diffBetween, readLog, revisionAt } from '../../log-history.ts';
import { momentParameter, parseMoment, type Moment } from '../../moment.ts';
import { printJson, printLine, printNotice } from '../../output.ts';
import type { PlannedChange } from '../../plan.ts';
import { changeLines } from '../../plan-text.ts';
import { getFromServer } from '../../server-request.ts';
import { chooseTarget, type Target } from '../../target.ts';

interface Point {
  readonly epoch: string;
  readonly revision: number;
}

interface Diff {
  readonly from: Point;
  readonly to: Point;
  /** As they may be shown. */
  readonly changes: readonly PlannedChange[];
}

const SHOWN_AS_IS = { shown: <T>(_: string, value: T): T => value };

export function defineDiff(command: Command): void {
  addRevealOption(addConnectionOptions(command)).action(diff);
  addExamples(
    command,
    {
      'muttctl config diff 41': 'what changed since revision 41',
      'muttctl config diff 41 42': 'what one change set did, or several',
      'muttctl config diff 2h': 'what changed in the last two hours',
      'muttctl config diff 2026-06-01T12:00:00Z 2026-06-02': 'between two times',
      "muttctl config diff 41 --json | jq -r '.changes[].key'": 'for a script',
    },
    'A moment is a revision, a time, or how long ago (30s, 15m, 2h, 1d). Without <to>, it is now.',
  );
}

async function diff(from: string, to: string | undefined, options: RevealOptions): Promise<void> {
  const nowMs = Date.now();
  const moments = [parseMoment(from, nowMs), to === undefined ? null : parseMoment(to, nowMs)] as const;
  const target = await chooseTarget(options, process.env);
  const found = target.kind === 'server' ? await fromTrail(target, moments, options) : await fromLog(moments, options);
  if (options.json) {
    return printJson({
      from: found.from,
      to: found.to,
      changes: found.changes.map((change) => ({
        ...plannedJson(change, SHOWN_AS_IS),
        ...(looksAlike(change) && { action: 'update' }),
      })),
    });
  }
  const revisions = `revisions ${found.from.revision} and ${found.to.revision}`;
  if (found.changes.length === 0) return printNotice(`Nothing differs between ${revisions}.`, { json: false });
  for (const change of found.changes) {
    if (looksAlike(change)) printLine(`~ ${change.key}: ${changeText(change.value, change.value)}`);
    else for (const line of changeLines(change, SHOWN_AS_IS)) printLine(line);
  }
}

/** Two secrets do, behind their masks. */
function looksAlike({ value, current }: PlannedChange): boolean {
  return value === current?.value;
}

type Moments = readonly [from: Moment, to: Moment | null];

async function fromTrail(target: Target, [from, to]: Moments, { reveal }: RevealOptions): Promise<Diff> {
  const query = new URLSearchParams({
    from: momentParameter(from),
    ...(to !== null && { to: momentParameter(to) }),
    ...(reveal && { reveal: 'true' }),
  });
  const answer = await getFromServer(target, `/api/v1/diff?${query.toString()}`).catch((error: unknown) => {
    throw adviseOn(error, target);
  });
  const changes = answer['changes'] as readonly { key: string; from: Past | null; to: Past | null }[];
  return {
    from: answer['from'] as Point,
    to: answer['to'] as Point,
    changes: changes.map((change) => toChange(change.key, change.from?.value ?? null, change.to?.value ?? null)),
  };
}

interface Past {
  readonly value: string;
}

async function fromLog([from, to]: Moments, options: RevealOptions): Promise<Diff> {
  return withConfig(options, async (config) => {
    const declared = await readDeclared(config, options);
    const log = await readLog(config);
    const start = revisionAt(log, from);
    const end = to === null ? (log.commits.at(-1)?.revision ?? 0) : revisionAt(log, to);
    const { epoch, changes } = diffBetween(log, start, end);
    return {
      from: { epoch, revision: start },
      to: { epoch, revision: end },
      changes: changes.map(({ key, before, after }) =>
        toChange(key, declared.shown(key, before), declared.shown(key, after)),
      ),
    };
  });
}

function toChange(key: string, before: string | null, after: string | null): PlannedChange {
  const current = before === null ? undefined : { value: before, revision: 0, changedAtMs: null, changedBy: null };
  return { key, value: after, current };
}
