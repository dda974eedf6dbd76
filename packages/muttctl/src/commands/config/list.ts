import type { Command } from 'commander';
import type { Entry } from '@mutt/dynamic-config';
import { valueText } from '../../change-text.ts';
import { addConnectionOptions, examples, type ConnectionOptions } from '../../connection-options.ts';
import { withConfig } from '../../connection.ts';
import { listJson } from '../../json-shapes.ts';
import { keyPattern } from '../../key-pattern.ts';
import { colours, printJson, printLine, printNotice } from '../../output.ts';
import { tableLines, type Column } from '../../table.ts';
import { fitTo } from '../../terminal-text.ts';

type KeyedEntry = readonly [key: string, entry: Entry];

const COLUMNS: readonly Column[] = [
  { header: 'KEY', minWidth: 16 },
  { header: 'VALUE', minWidth: 16 },
  { header: 'REVISION', align: 'right', optional: true },
  { header: 'CHANGED', optional: true },
  { header: 'BY', minWidth: 12, optional: true },
];
const MAX_AUTHOR_WIDTH = 64;

export function defineList(command: Command): void {
  addConnectionOptions(command)
    .addHelpText(
      'after',
      examples({
        'muttctl config list': 'everything',
        "muttctl config list 'moog_*'": 'keys that match; * stands for any characters',
        "muttctl config list --json | jq -r '.config.moog_rate_limit'": 'for a script, with whole values',
      }),
    )
    .action(list);
}

async function list(pattern: string | undefined, options: ConnectionOptions): Promise<void> {
  const matches = keyPattern(pattern ?? '*');
  await withConfig(options, (config) => {
    const view = config.snapshot();
    const listed = [...view.entries()].filter(([key]) => matches(key)).toSorted(byKey);
    if (options.json) return printJson(listJson(listed, view.head.revision));
    if (listed.length === 0)
      return printNotice(pattern === undefined ? 'No keys are set.' : 'No key matches.', { json: false });
    const [header = '', ...rows] = tableLines(COLUMNS, listed.map(toRow), process.stdout.columns ?? Infinity);
    printLine([colours(process.stdout).bold(header), ...rows].join('\n'));
  });
}

function toRow([key, entry]: KeyedEntry): string[] {
  return [
    key,
    valueText(entry.value, ''),
    entry.revision === 0 ? '-' : String(entry.revision),
    entry.changedAtMs === null ? '-' : new Date(entry.changedAtMs).toISOString().replace('T', ' ').slice(0, 19),
    fitTo(entry.changedBy ?? '-', MAX_AUTHOR_WIDTH),
  ];
}

function byKey([a]: KeyedEntry, [b]: KeyedEntry): number {
  return a < b ? -1 : 1;
}
