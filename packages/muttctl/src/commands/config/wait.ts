import { InvalidArgumentError, type Command } from 'commander';
import type { DynamicConfig } from '@mutt/dynamic-config';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { checkKey, withConfig } from '../../connection.ts';
import { Failure } from '../../failure.ts';
import { printJson, printSummary } from '../../output.ts';
import { withProgress } from '../../progress.ts';
import { assertIntact } from '../../read-value.ts';

interface WaitOptions extends ConnectionOptions {
  readonly timeout: number;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const MAX_TIMEOUT_MS = 24 * 3_600_000;

export function defineWait(command: Command): void {
  addConnectionOptions(command)
    .option('--timeout <duration>', 'give up after this long, with exit code 7: 500ms, 5s, 2m', toDurationMs, 30_000)
    .action(wait);
  addExamples(command, {
    'muttctl config wait maintenance=off --timeout 5m': 'until somebody sets it',
    'muttctl config set debug_mode true && muttctl config wait debug_mode=true --timeout 5s':
      'until it is seen from here',
    'muttctl config wait a=1 b=2 --timeout 10s && ./deploy.sh': 'until all hold at once',
  });
}

async function wait(first: string, rest: readonly string[], options: WaitOptions): Promise<void> {
  const wanted = [first, ...rest].map(toPair);
  for (const [key] of wanted) await checkKey(key);
  await withConfig({ ...options, watch: true }, async (config) => {
    const names = wanted.map(([key, value]) => `${key}=${value}`).join(' ');
    const isSeen = await withProgress(
      `Waiting for ${wanted.map(([key]) => key).join(', ')} …`,
      seen(config, wanted, options.timeout),
    );
    if (!isSeen) throw new Failure('timed_out', timedOut(config, wanted, options.timeout));
    const { revision } = config.head;
    if (options.json) printJson({ seen: Object.fromEntries(wanted), revision });
    else printSummary(`Seen: ${names} (revision ${revision})`);
  });
}

type Wanted = readonly (readonly [key: string, value: string])[];

/** Resolves to false when it was not seen in time. */
function seen(config: DynamicConfig, wanted: Wanted, timeoutMs: number): Promise<boolean> {
  const isSo = (): boolean => wanted.every(([key, value]) => config.entry(key)?.value === value);
  return new Promise((resolve) => {
    const settle = (isSeen: boolean): void => {
      clearTimeout(timer);
      stop();
      resolve(isSeen);
    };
    const stop = config.subscribe(() => {
      if (isSo()) settle(true);
    });
    const timer = setTimeout(() => settle(isSo()), timeoutMs);
    if (isSo()) settle(true);
  });
}

/** What is there is not told: it may be a secret. */
function timedOut(config: DynamicConfig, wanted: Wanted, timeoutMs: number): string {
  const missing = wanted.filter(([key, value]) => config.entry(key)?.value !== value);
  const said = missing.map(
    ([key]) => `${key} ${config.entry(key) === undefined ? 'is not set' : 'holds something else'}`,
  );
  return `Not seen within ${timeoutMs / 1000} s: ${said.join(', ')}.`;
}

function toPair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Failure('usage', `Not a <key>=<value>: ${JSON.stringify(text)}.`);
  const [key, value] = [text.slice(0, at), text.slice(at + 1)];
  assertIntact(key, value);
  return [key, value];
}

function toDurationMs(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS_MS[unit] ?? Number.NaN);
  if (ms <= MAX_TIMEOUT_MS) return ms;
  throw new InvalidArgumentError('It is a number with a unit, up to 24h: 500ms, 5s, 2m.');
}
