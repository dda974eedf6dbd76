import type { Command } from 'commander';
import { adviseOn } from '../advice.ts';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../connection-options.ts';
import { Failure } from '../failure.ts';
import { printJson, printLine } from '../output.ts';
import { postToServer } from '../server-request.ts';
import { chooseTarget } from '../target.ts';

interface RestoreOptions extends ConnectionOptions {
  readonly acceptLoss?: boolean;
  readonly fromTrail?: boolean;
  readonly at?: string;
  readonly reason?: string;
}

export function defineRestore(command: Command): void {
  addConnectionOptions(command)
    .option('--accept-loss', 'give the values up instead: delete them for the whole fleet')
    .option(
      '--from-trail',
      'what the audit trail knows and the store does not have, though no process holds it any more',
    )
    .option('--at <when>', 'with --from-trail: as it was at a time or a revision (default: last known)')
    .option('--reason <text>', 'why; recorded with the change')
    .action(restore);
  addExamples(command, {
    "muttctl restore --reason 'FLUSHALL by mistake'": 'put back what the store lost and the server still holds',
    'muttctl restore --from-trail': 'the same, where the server was restarted since',
    'muttctl restore --from-trail --at 2026-06-01T12:00:00Z': 'bring back what was deleted since',
    'muttctl restore --accept-loss': 'the store was emptied on purpose',
  });
}

async function restore(options: RestoreOptions): Promise<void> {
  const target = await chooseTarget(options, process.env);
  if (target.kind === 'redis') {
    throw new Failure(
      'usage',
      'What an emptied Redis lost is held only by a server or a running instance. Name the server with --url http://….',
    );
  }
  const { reason, acceptLoss = false, fromTrail = false, at } = options;
  if (at !== undefined && !fromTrail) throw new Failure('usage', '--at goes with --from-trail.');
  if (acceptLoss && fromTrail) throw new Failure('usage', 'Give either --accept-loss or --from-trail.');
  const body = {
    ...(reason !== undefined && { reason }),
    ...(acceptLoss && { accept_loss: true }),
    ...(fromTrail && { from: 'trail' }),
    ...(at !== undefined && { at }),
  };
  const answer = await postToServer(target, '/api/v1/restore', body).catch((error: unknown) => {
    throw adviseOn(error, target);
  });
  if (options.json) return printJson(answer);
  const count = Number(answer['restored'] ?? answer['given_up']);
  const keys = count === 1 ? '1 key' : `${count} keys`;
  const holder = fromTrail ? 'the audit trail knows' : 'the server holds';
  if (count === 0) printLine(`Nothing is lost: ${holder} no value that the store does not have.`);
  else printLine(`${acceptLoss ? 'Given up' : 'Restored'}: ${keys} (revision ${Number(answer['revision'])})`);
}
