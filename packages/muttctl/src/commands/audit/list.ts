import type { Command } from 'commander';
import {
  addConnectionOptions,
  addExamples,
  addRevealOption,
  toCount,
  type RevealOptions,
} from '../../connection-options.ts';
import { printJson, printNotice } from '../../output.ts';
import { askOrAdvise, chooseServer } from '../../server-target.ts';
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
  const records: AuditRecord[] = [];
  let cursor: unknown = null;
  do {
    const parameters = new URLSearchParams({
      ...query,
      limit: String(Math.min(limit - records.length, PAGE)),
      ...(reveal && { reveal: 'true' }),
      ...(typeof cursor === 'string' && { cursor }),
    });
    const path = `/api/v1/audit?${parameters.toString()}`;
    const page = await askOrAdvise(target, { method: 'GET', path }, 'muttctl audit list');
    records.push(...(page['records'] as AuditRecord[]));
    cursor = page['next_cursor'];
  } while (typeof cursor === 'string' && records.length < limit);
  const isComplete = typeof cursor !== 'string';
  if (json) return printJson({ records, complete: isComplete });
  if (records.length === 0) {
    const isFiltered = Object.keys(query).length > 0;
    return printNotice(isFiltered ? 'No record matches.' : 'The audit trail is empty.', { json });
  }
  printRecords(records, { isFull: options.full === true });
  if (!isComplete) printNotice(`There are older ones: these are the newest ${limit}. --limit shows more.`, { json });
}
