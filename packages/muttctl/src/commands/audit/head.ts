import type { Command } from 'commander';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { printJson } from '../../output.ts';
import { askOrAdvise, chooseServer } from '../../server-target.ts';

export function defineAuditHead(command: Command): void {
  addConnectionOptions(command).action(head);
  addExamples(
    command,
    {
      'muttctl audit head > "head-$(date +%F).json"': 'say, once a day, on another machine',
      'muttctl audit verify --against head.json': 'later: does the trail still have what it had then?',
    },
    'It is JSON in any case: how far the trail goes, with which hash, signed by the server. Keep it where those who can write the database cannot.',
  );
}

async function head(options: ConnectionOptions): Promise<void> {
  const target = await chooseServer(options, 'Audit trails are');
  printJson(await askOrAdvise(target, { method: 'GET', path: '/api/v1/audit/head' }, 'muttctl audit head'));
}
