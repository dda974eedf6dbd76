import { once } from 'node:events';
import { Option, type Command } from 'commander';
import { adviseOn } from '../../advice.ts';
import { addConnectionOptions, addExamples, addRevealOption, type RevealOptions } from '../../connection-options.ts';
import { Failure } from '../../failure.ts';
import { printJson, printNotice } from '../../output.ts';
import { withProgress } from '../../progress.ts';
import { chooseServer } from '../../server-target.ts';
import { streamFromServer } from '../../server-request.ts';
import type { Target } from '../../target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';
import { writeWholeFile } from '../../whole-file.ts';
import { addFilterOptions, filterQuery, type AuditFilter } from './audit-filter.ts';

interface AuditExportOptions extends RevealOptions, AuditFilter {
  readonly format?: 'csv' | 'jsonl';
  readonly output?: string;
  readonly force?: boolean;
}

/** Before the first record, a server may look through all of them. */
const TIMEOUT_MS = 5 * 60_000;
const NEWLINE = 10;

export function defineAuditExport(command: Command): void {
  addFilterOptions(addRevealOption(addConnectionOptions(command)))
    .addOption(
      new Option(
        '--format <format>',
        'default: what the name of the output says, otherwise csv; with --json, jsonl',
      ).choices(['csv', 'jsonl']),
    )
    .option('-o, --output <file>', 'write to this file instead of stdout, for its owner only')
    .option('--force', 'replace the file if it is there')
    .action(exportTrail);
  addExamples(
    command,
    {
      'muttctl audit export --output audit.csv': 'all of it, for a spreadsheet; no cell is a formula',
      "muttctl audit export --key 'moog_*' --since 2026-06-01 --until 2026-07-01 -o june.jsonl": 'a month of some keys',
      'muttctl audit export --format jsonl | gzip > audit.jsonl.gz': 'compressed',
    },
    'The oldest comes first. The formats are CSV (csv) and JSON lines (jsonl). A file is there as a whole or not at all: what is cut off on its way ends with exit code 4.',
  );
}

async function exportTrail(options: AuditExportOptions): Promise<void> {
  const query = filterQuery(options, Date.now());
  const { output, json = false, reveal, force = false } = options;
  const format =
    options.format ?? (/\.(jsonl|ndjson)$/i.test(output ?? '') || (json && output === undefined) ? 'jsonl' : 'csv');
  if (json && output === undefined && format === 'csv') {
    throw new Failure(
      'usage',
      'With --json, stdout is JSON lines: leave out --format csv, or name a file with --output.',
    );
  }
  const target = await chooseServer(options, 'Audit trails are');
  const parameters = new URLSearchParams({ ...query, format, ...(reveal && { reveal: 'true' }) });
  const chunks = wholeLines(target, `/api/v1/audit/export?${parameters.toString()}`);
  if (output === undefined) return writeOut(chunks);
  let bytes = 0;
  const counted = async function* (): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  await withProgress(
    () => `Writing ${escapeUnsafe(output)} … ${sizeText(bytes)}`,
    writeWholeFile(output, counted(), { force }),
  );
  if (json) printJson({ output, format, bytes });
  else printNotice(`Written to ${output}: ${sizeText(bytes)}.`, { json });
}

/** A proxy that lost the server may end the file as if it were whole: but hardly behind a line. */
async function* wholeLines(target: Target, path: string): AsyncIterable<Uint8Array> {
  let last = NEWLINE;
  try {
    for await (const chunk of streamFromServer(target, path, { timeoutMs: TIMEOUT_MS })) {
      last = chunk.at(-1) ?? last;
      yield chunk;
    }
  } catch (error) {
    throw adviseOn(error, target);
  }
  if (last === NEWLINE) return;
  throw new Failure('store_unavailable', `What came from ${target.location} ends in the middle of a record.`);
}

/** To a person's terminal without what could drive it; to a pipe byte for byte, as fast as it is read. */
async function writeOut(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    const shown = process.stdout.isTTY ? safeLines(decoder.decode(chunk, { stream: true })) : chunk;
    if (!process.stdout.write(shown)) await once(process.stdout, 'drain');
  }
}

function safeLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => escapeUnsafe(line))
    .join('\n');
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
