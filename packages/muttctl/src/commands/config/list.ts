import type { Command } from 'commander';
import type * as Library from '@mutt/dynamic-config';
import type { DynamicConfig, Entry, RegisteredSetting } from '@mutt/dynamic-config';
import { valueText } from '../../change-text.ts';
import { addConnectionOptions, addRevealOption, addExamples, type RevealOptions } from '../../connection-options.ts';
import { withConfig } from '../../connection.ts';
import { readDeclared, type Declared } from '../../declared.ts';
import { listJson } from '../../json-shapes.ts';
import { keyPattern } from '../../key-pattern.ts';
import { colours, outputWidth, printJson, printLine, printNotice } from '../../output.ts';
import { tableLines, type Column } from '../../table.ts';
import { fitTo } from '../../terminal-text.ts';

/** A key that is set, or declared, or both. */
interface Row {
  readonly key: string;
  readonly entry: Entry | undefined;
  readonly setting: RegisteredSetting | undefined;
}

type ShownColumn = Column & { readonly cell: (row: Row, library: typeof Library) => string };

const VALUES: readonly ShownColumn[] = [
  { header: 'KEY', minWidth: 16, cell: ({ key }) => key },
  { header: 'VALUE', minWidth: 16, cell: valueCell },
];
/** Only where something is declared. */
const DECLARATIONS: readonly ShownColumn[] = [
  { header: 'TYPE', minWidth: 8, optional: true, cell: typeCell },
  {
    header: 'DEFAULT',
    minWidth: 8,
    optional: true,
    cell: ({ setting }) => valueText(setting?.description.default ?? null, '-'),
  },
  {
    header: 'DESCRIPTION',
    minWidth: 16,
    optional: true,
    cell: ({ setting }) => valueText(setting?.description.description ?? null, '-'),
  },
];
const HISTORY: readonly ShownColumn[] = [
  { header: 'REVISION', align: 'right', optional: true, cell: ({ entry }) => String(entry?.revision || '-') },
  { header: 'CHANGED', optional: true, cell: ({ entry }) => timeText(entry?.changedAtMs ?? null) },
  { header: 'BY', minWidth: 12, optional: true, cell: ({ entry }) => fitTo(entry?.changedBy ?? '-', MAX_AUTHOR_WIDTH) },
];
const MAX_AUTHOR_WIDTH = 64;

export function defineList(command: Command): void {
  addRevealOption(addConnectionOptions(command)).action(list);
  addExamples(command, {
    'muttctl config list': 'everything',
    "muttctl config list 'moog_*'": 'keys that match; * stands for any characters',
    "muttctl config list --json | jq -r '.config.moog_rate_limit'": 'for a script, with whole values',
    "muttctl config list --json | jq '.settings[] | {key, type, default}'": 'what the services declare',
  });
}

async function list(pattern: string | undefined, options: RevealOptions): Promise<void> {
  const matches = keyPattern(pattern ?? '*');
  await withConfig(options, async (config) => {
    const declared = await readDeclared(config, options);
    const rows = toRows(config, declared).filter(({ key }) => matches(key));
    const library = await import('@mutt/dynamic-config');
    if (options.json) return printJson(listJson(rows, config.head.revision, library.descriptionJson));
    if (rows.length === 0)
      return printNotice(pattern === undefined ? 'No keys are set.' : 'No key matches.', { json: false });
    printTable(rows, library);
    for (const { setting } of rows) {
      if (setting?.conflict) printNotice(`${setting.key}: ${setting.conflict}`, { json: false });
    }
  });
}

/** Sorted by key. */
function toRows(config: DynamicConfig, declared: Declared): Row[] {
  const entries = new Map(config.snapshot().entries());
  const keys = new Set([...entries.keys(), ...declared.registry.settings.map(({ key }) => key)]);
  return [...keys].toSorted().map((key) => {
    const entry = entries.get(key);
    const shown = entry && { ...entry, value: declared.shown(key, entry.value) };
    return { key, entry: shown, setting: declared.registry.get(key) };
  });
}

function printTable(rows: readonly Row[], library: typeof Library): void {
  const hasDeclared = rows.some(({ setting }) => setting !== undefined);
  const columns = [...VALUES, ...(hasDeclared ? DECLARATIONS : []), ...HISTORY];
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row, library)));
  const [header = '', ...lines] = tableLines(columns, cells, outputWidth());
  printLine([colours(process.stdout).bold(header), ...lines].join('\n'));
}

function valueCell({ entry, setting }: Row): string {
  if (entry !== undefined) return valueText(entry.value, '');
  const text = setting?.description.default ?? null;
  return text === null ? '(not set)' : `${valueText(text, '')} (default)`;
}

function typeCell({ setting }: Row, { ruleText }: typeof Library): string {
  if (setting === undefined) return '-';
  const { unit } = setting.description;
  return `${ruleText(setting.description)}${unit === null ? '' : ` (${unit})`}`;
}

function timeText(ms: number | null): string {
  return ms === null ? '-' : new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
}
