import { styleText } from 'node:util';
import type { Redis } from '../pipeline/redis.ts';
import { QUEUES } from '../pipeline/queues.ts';
import { fitScreen } from './fit-screen.ts';
import type { Load } from './load.ts';
import type { Stack } from './stack.ts';
import type { Step } from './walk.ts';

const SETTINGS = [
  'moog_rate_limit',
  'moog_batch_size',
  'alerter_shed_mode',
  'alerter_queue_shed_threshold',
  'cache_reload_interval',
];
const EVERY_MS = 500;
const BAR_WIDTH = 40;
const SHOWN_STEPS = 4;

/** The pipeline in a terminal, drawn anew twice a second. */
export class Dashboard {
  readonly #stack: Stack;
  readonly #redis: Redis;
  readonly #load: Load;
  #steps: readonly Step[] = [];
  readonly #timer: NodeJS.Timeout;
  #before = { at: performance.now(), accepted: 0, received: 0 };
  #isDrawing = false;

  constructor(stack: Stack, redis: Redis, load: Load) {
    this.#stack = stack;
    this.#redis = redis;
    this.#load = load;
    process.stdout.write('\u001B[?25l');
    this.#timer = setInterval(() => void this.#draw(), EVERY_MS);
  }

  add(step: Step): void {
    this.#steps = [...this.#steps, step].slice(-SHOWN_STEPS);
  }

  stop(): void {
    clearInterval(this.#timer);
    process.stdout.write('\u001B[?25h\n');
  }

  async #draw(): Promise<void> {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    try {
      const lines = await this.#lines();
      process.stdout.write(`\u001B[H\u001B[J${lines.join('\n')}\n`);
    } catch (error) {
      process.stdout.write(`\n${(error as Error).message}\n`);
    } finally {
      this.#isDrawing = false;
    }
  }

  async #lines(): Promise<string[]> {
    const [health, moog, values, lengths] = await Promise.all([
      this.#stack.health(),
      this.#stack.moog(),
      this.#redis.mGet(SETTINGS.map((key) => `mutt:config:${key}`)),
      Promise.all(Object.values(QUEUES).map((list) => this.#redis.lLen(list))),
    ]);
    const now = performance.now();
    const seconds = (now - this.#before.at) / 1000;
    const accepted = this.#load.accepted.size;
    const rates = [(accepted - this.#before.accepted) / seconds, (moog.received - this.#before.received) / seconds];
    this.#before = { at: now, accepted, received: moog.received };
    const longest = Math.max(1, ...lengths);
    const parts = [
      [
        `${bold('MUTT')}  ${accepted.toLocaleString('en')} events in, ${moog.received.toLocaleString('en')} alerts out   ${dim('Ctrl-C ends all')}`,
      ],
      [`in  ${bar(rates[0] ?? 0, 1_000)}`, `out ${bar(rates[1] ?? 0, 1_000)}`],
      Object.values(QUEUES).map((list, n) => `${list.padEnd(20)} ${bar(lengths[n] ?? 0, longest, '')}`),
      SETTINGS.map((key, n) => `${key.padEnd(30)} ${values[n] === null ? dim('default') : bold(values[n] ?? '')}`),
      servicesOf(health),
    ];
    const { columns, rows } = process.stdout;
    return fitScreen(
      {
        parts,
        steps: this.#steps.map(({ title, command, effect }) => [bold(title), dim(`  $ ${command}`), `  ${effect}`]),
        link: `web UI: ${this.#stack.signInLink}`,
      },
      // The last line is the cursor's.
      { columns, rows: rows - 1 },
    );
  }
}

/** A line for each service, with the state of each of its instances. */
function servicesOf(health: Awaited<ReturnType<Stack['health']>>): string[] {
  return [...new Set(health.map(({ service }) => service))].toSorted().map((service) => {
    const instances = health.filter((one) => one.service === service);
    const states = instances.map(
      ({ status, config }) =>
        `${status === 'ok' ? green('ok') : red('degraded')}, settings ${config.state}, revision ${config.revision}`,
    );
    return `${service.padEnd(16)} ${states.join('   ')}  ${dim(instances.flatMap(({ problems }) => problems).join(' '))}`;
  });
}

function bar(value: number, of: number, unit = '/s'): string {
  const filled = Math.min(BAR_WIDTH, Math.round((value / of) * BAR_WIDTH));
  return `${'█'.repeat(filled)}${dim('·'.repeat(BAR_WIDTH - filled))} ${value.toFixed(0)}${unit}`;
}

const bold = (text: string): string => styleText('bold', text);
const dim = (text: string): string => styleText('dim', text);
const green = (text: string): string => styleText('green', text);
const red = (text: string): string => styleText('red', text);
