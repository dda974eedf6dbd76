import type { Command } from 'commander';
import type { AppliedChange, DynamicConfig } from '@mutt/dynamic-config';
import { changeText } from '../../change-text.ts';
import { addConnectionOptions, addRevealOption, addExamples, type RevealOptions } from '../../connection-options.ts';
import { withConfig } from '../../connection.ts';
import { followDeclared, type Declared } from '../../declared.ts';
import { changeJson } from '../../json-shapes.ts';
import { keyPattern } from '../../key-pattern.ts';
import { colours, printJson, printLine, printNotice } from '../../output.ts';
import { escapeUnsafe } from '../../terminal-text.ts';

const STATE_CHECK_MS = 200;

export function defineWatch(command: Command): void {
  addRevealOption(addConnectionOptions(command)).action(watch);
  addExamples(command, {
    'muttctl config watch': 'every change, until Ctrl-C',
    "muttctl config watch 'moog_*'": 'changes of the keys that match',
    'muttctl config watch --json | jq -r .key': 'one JSON object a line',
  });
}

async function watch(pattern: string | undefined, options: RevealOptions): Promise<void> {
  const matches = keyPattern(pattern ?? '*');
  const json = options.json === true;
  const interrupted = interruption();
  const watching = withConfig({ ...options, watch: true }, async (config, target) => {
    const declaredOf = await followDeclared(config, options);
    let printing: Promise<void> = Promise.resolve();
    config.subscribe(({ changes }) => {
      const matching = changes.filter(({ key }) => matches(key));
      if (matching.length === 0) return;
      printing = printing.then(async () => {
        const declared = await declaredOf(matching.map(({ key }) => key));
        printChanges(matching, declared, json);
      });
    });
    const announcing = announceState(config, json);
    printNotice(`Watching ${target.location}; Ctrl-C ends it.`, { json, fields: { state: 'live' } });
    try {
      await Promise.race([interrupted, announcing.refused]);
    } finally {
      announcing.stop();
      await printing;
    }
  });
  // Ctrl-C also ends a watch that is still connecting.
  await Promise.race([interrupted, watching]);
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process as ever. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function printChanges(changes: readonly AppliedChange[], declared: Declared, json: boolean): void {
  for (const change of changes) {
    if (json) printJson(changeJson(change, declared));
    else printLine(changeLine(change, declared));
  }
}

function changeLine(change: AppliedChange, declared: Declared): string {
  const { key } = change;
  const { bold, dim } = colours(process.stdout);
  const time = new Date(change.changedAtMs ?? Date.now()).toISOString();
  const reason = change.reason === null ? '' : `: ${change.reason}`;
  const origin =
    change.changedBy === null
      ? 'written directly to the store'
      : `revision ${change.revision} by ${change.changedBy}${reason}`;
  const what = changeText(declared.shown(key, change.previousValue), declared.shown(key, change.value));
  return `${dim(time)}  ${bold(key)}: ${what}  ${dim(`(${escapeUnsafe(origin)})`)}`;
}

interface Announcing {
  /** Rejects once the server does not let in who watches any more: nothing that is tried again will help. */
  readonly refused: Promise<never>;
  readonly stop: () => void;
}

/** Says when changes cannot be seen for a while, and when they are seen again; none is lost in between. */
function announceState(config: DynamicConfig, json: boolean): Announcing {
  let lost = false;
  let refuse: (error: Error) => void;
  const refused = new Promise<never>((_, reject) => (refuse = reject));
  // Nobody may be waiting for it yet: whoever does hears of it.
  refused.catch(() => {});
  const timer = setInterval(() => {
    const { state, lastError } = config.status();
    const isLost = state === 'offline' || state === 'stale';
    if (isLost && lastError !== null && isRefusal(lastError)) refuse(lastError);
    if (isLost === lost) return;
    lost = isLost;
    const why = lastError === null ? '' : ` (${lastError.message})`;
    const message = isLost ? `Connection lost${why}. Trying again; what changes meanwhile shows then.` : 'Live again.';
    printNotice(message, { json, fields: { state } });
  }, STATE_CHECK_MS);
  return { refused, stop: () => clearInterval(timer) };
}

function isRefusal(error: Error): boolean {
  return 'code' in error && (error.code === 'unauthorized' || error.code === 'forbidden');
}
