import type { Command } from 'commander';
import {
  addConnectionOptions,
  addExamples,
  addRevealOption,
  toCount,
  type RevealOptions,
} from '../../connection-options.ts';
import { printJson, printNotice } from '../../output.ts';
import { withProgress } from '../../progress.ts';
import { askOrAdvise, chooseServer } from '../../server-target.ts';
import type { Target } from '../../target.ts';
import { addFilterOptions, filterQuery, type AuditFilter } from './audit-filter.ts';
import { printRecords, type AuditRecord } from './audit-text.ts';

interface AuditListOptions extends RevealOptions, AuditFilter {
  readonly limit: number;
  readonly full?: boolean;
}

/** Most that a server gives at once. */
const PAGE = 500;

export function defineAuditList(command: Command): void {
  addFilterOptions(addRevealOption(addConnectionOptions(command)))
    .option('-n, --limit <n>', 'the newest so many records', toCount, 50)
    .option('--full', 'each record with all that it says, like git log')
    .action(list);
  addExamples(
    command,
    {
      'muttctl audit list': 'the latest changes of all keys, the newest first',
      "muttctl audit list --key 'moog_*' --since 2h": 'what happened to some keys lately',
      "muttctl audit list --actor alice --text 'incident 4711' --full": 'who, and why, in full',
      'muttctl audit list --source out-of-band': 'what was written past MUTT',
      "muttctl audit list --since 1d --json | jq -r '.records[] | [.changed_at, .changed_by, .key] | @tsv'":
        'for a script',
    },
    'One key with its whole past is muttctl config history; the trail as a file, of any size, is muttctl audit export.',
  );
}

async function list(options: AuditListOptions): Promise<void> {
  const query = filterQuery(options, Date.now());
  const target = await chooseServer(options, 'Audit trails are');
  const { limit, reveal, json = false } = options;
  const parameters = { ...query, ...(reveal && { reveal: 'true' }) };
  const { records, isComplete } = await readNewest(target, parameters, limit);
  if (json) return printJson({ records, complete: isComplete });
  if (records.length === 0) {
    const isFiltered = Object.keys(query).length > 0;
    return printNotice(isFiltered ? 'No record matches.' : 'The audit trail is empty.', { json });
  }
  printRecords(records, { isFull: options.full === true });
  if (!isComplete) printNotice(`There are older ones: these are the newest ${limit}. --limit shows more.`, { json });
}

async function readNewest(
  target: Target,
  parameters: Readonly<Record<string, string>>,
  limit: number,
): Promise<{ records: AuditRecord[]; isComplete: boolean }> {
  const records: AuditRecord[] = [];
  const read = async (): Promise<boolean> => {
    let cursor: unknown = null;
    do {
      const query = new URLSearchParams({
        ...parameters,
        limit: String(Math.min(limit - records.length, PAGE)),
        ...(typeof cursor === 'string' && { cursor }),
      });
      const request = { method: 'GET', path: `/api/v1/audit?${query.toString()}`, progress: null } as const;
      const page = await askOrAdvise(target, request, 'muttctl audit list');
      records.push(...(page['records'] as AuditRecord[]));
      cursor = page['next_cursor'];
    } while (typeof cursor === 'string' && records.length < limit);
    return typeof cursor !== 'string';
  };
  const isComplete = await withProgress(() => `Reading the audit trail … ${records.length || ''}`.trimEnd(), read());
  return { records, isComplete };
}
