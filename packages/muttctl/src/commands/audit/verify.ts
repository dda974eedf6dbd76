import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { Failure } from '../../failure.ts';
import { colours, printJson, printLine } from '../../output.ts';
import { askOrAdvise, chooseServer } from '../../server-target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';

interface VerifyOptions extends ConnectionOptions {
  readonly against?: string;
}

/** What a server found. */
interface Verification {
  readonly ok: boolean;
  readonly records: number;
  readonly gaps: number;
  readonly first_id: number | null;
  /** Servers of earlier versions do not say it. */
  readonly first_changed_at?: string | null;
  readonly last_id: number | null;
  readonly hash: string;
  readonly anchor: { readonly id: number };
  readonly problem: { readonly id: number | null; readonly message: string } | null;
}

interface SignedHead {
  readonly id: number;
  readonly hash: string;
  readonly signed_at: string;
  readonly public_key: string;
}

/** All of the trail is read, and the server answers when it is through. */
const TIMEOUT_MS = 5 * 60_000;

export function defineAuditVerify(command: Command): void {
  addConnectionOptions(command)
    .option(
      '--against <file>',
      'whether it still has what a signed head says, as muttctl audit head printed it; - is stdin',
    )
    .action(verify);
  addExamples(
    command,
    {
      'muttctl audit verify': 'is every record as it was written?',
      'muttctl audit verify --against head.json': 'and was nothing cut off, or the whole rewritten, since then?',
      'muttctl audit verify --quiet || page-somebody': 'in a job: exit code 6 where something is wrong',
    },
    'The server recomputes the hash of every record, each over the one before. Whoever can write the whole database could recompute them, too: only a head that was kept elsewhere (muttctl audit head) finds that out.',
  );
}

async function verify(options: VerifyOptions): Promise<void> {
  const head = options.against === undefined ? null : await readHead(options.against);
  const target = await chooseServer(options, 'Audit trails are');
  const path = '/api/v1/audit/verify';
  const request =
    head === null ? ({ method: 'GET', path } as const) : ({ method: 'POST', path, body: { head } } as const);
  const progress = 'Recomputing the hash of every record …';
  const answer = await askOrAdvise(target, { ...request, timeoutMs: TIMEOUT_MS, progress }, 'muttctl audit verify');
  const found = answer as unknown as Verification;
  if (options.json) printJson(answer);
  else if (!options.quiet || !found.ok) printVerdict(found, head);
  if (!found.ok) throw new Failure('unhealthy', found.problem?.message ?? 'The audit trail is not as it was written.');
}

/** Whatever else it holds is for the server to judge. */
async function readHead(path: string): Promise<SignedHead> {
  try {
    const head: unknown = JSON.parse(await (path === '-' ? text(process.stdin) : readFile(path, 'utf8')));
    if (isHead(head)) return head;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== undefined) {
      throw new Failure('usage', `${path} cannot be read: ${(cause as Error).message}.`, { cause });
    }
  }
  throw new Failure('usage', `${path} holds no signed head: it is made by muttctl audit head > ${path}.`);
}

function isHead(json: unknown): json is SignedHead {
  const fields = ['trail_id', 'hash', 'signed_at', 'public_key', 'signature'];
  if (typeof json !== 'object' || json === null || !('id' in json) || !Number.isSafeInteger(json.id)) return false;
  return fields.every((field) => typeof (json as Record<string, unknown>)[field] === 'string');
}

function printVerdict(found: Verification, head: SignedHead | null): void {
  const { green, red, bold } = colours(process.stdout);
  const lines = found.ok ? intact(found, head) : broken(found);
  printLine(
    `${found.ok ? green('✓') : red('✗')} ${bold(found.ok ? 'The audit trail is intact.' : 'The audit trail is NOT as it was written.')}`,
  );
  for (const line of lines) printLine(`  ${escapeUnsafe(line)}`);
}

function intact(found: Verification, head: SignedHead | null): string[] {
  const { records, gaps, first_id: first, last_id: last, first_changed_at: since, hash, anchor } = found;
  if (records === 0) return ['It holds no records yet.'];
  return [
    `Checked: ${count(records)}, from ${first} to ${last}: each is as it was written, none is missing, all are in order.`,
    ...(since == null ? [] : [`Since:   ${since}`]),
    ...(anchor.id > 0 ? [`Dropped: those up to ${anchor.id}, by age.`] : []),
    ...(gaps > 0 ? [`Gaps:    ${gaps}: what could not be recorded, and why: muttctl audit list --operation gap`] : []),
    `Head:    record ${last}, hash ${hash}`,
    ...(head === null
      ? []
      : [
          `Against: record ${head.id}, hash ${head.hash}, signed ${head.signed_at}: it is still there.`,
          `Signer:  ${head.public_key} (compare it with the one that you noted)`,
        ]),
  ];
}

function broken({ problem, records, last_id: last }: Verification): string[] {
  // What comes before it was looked at, and is in order.
  const isFirst = problem?.id != null && problem.id > (last ?? 0);
  const before =
    records === 1
      ? 'the one before it is as it was written'
      : `the ${count(records)} before it are as they were written`;
  return [
    problem?.message ?? 'The server does not say what is wrong.',
    ...(isFirst ? [`Record ${problem.id} is the first that is wrong${records === 0 ? '' : `; ${before}`}.`] : []),
    'Copy the database before anything else, and find out who can write to it.',
  ];
}

function count(records: number): string {
  return records === 1 ? '1 record' : `${records.toLocaleString('en')} records`;
}
