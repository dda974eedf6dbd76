import type { Command } from 'commander';
import { addExamples } from '../../connection-options.ts';
import { assertName, Contexts } from '../../contexts.ts';
import { Failure } from '../../failure.ts';
import { printJson, printSummary } from '../../output.ts';
import { readUrl } from '../../target.ts';
import { addOutputOptions, type OutputOptions } from './output-options.ts';

interface AddOptions extends OutputOptions {
  readonly prefix?: string;
}

export function defineAdd(command: Command): void {
  command
    .argument('<name>', 'how it is to be called')
    .argument('<url>', 'redis[s]://…, redis-sentinel://…, redis-cluster://…, or http(s)://… of a server')
    .option('--prefix <prefix>', 'namespace in Redis (default mutt:config)');
  addOutputOptions(command).action(add);
  addExamples(command, {
    'muttctl context add staging redis://staging:6379/1': 'a Redis',
    'muttctl context add tenant redis://shared:6379 --prefix {tenant}:config': 'a namespace of one',
    'muttctl context add prod https://config.internal':
      'a server, opened by MUTT_API_KEY, or after muttctl login --context prod',
  });
}

async function add(name: string, url: string, { prefix, json = false }: AddOptions): Promise<void> {
  assertName(name);
  const { kind, location } = readUrl(url, 'The address');
  if (kind === 'server' && prefix !== undefined) {
    throw new Failure('usage', '--prefix is for redis:// URLs: a server has its own prefix.');
  }
  const contexts = new Contexts(process.env);
  if (await contexts.has(name)) {
    throw new Failure('usage', `There is a context ${name} already. Delete it first: muttctl context delete ${name}`);
  }
  await contexts.put(name, { url, ...(prefix !== undefined && { prefix }) });
  if (json) printJson({ context: name, location, prefix: prefix ?? null });
  else printSummary(`Context ${name} is ${location}. Use it with --context ${name}, or muttctl context use ${name}.`);
}
