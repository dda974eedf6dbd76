import { parseArgs } from 'node:util';

export interface Options {
  readonly headless: boolean;
  readonly seconds: number;
  readonly json: boolean;
  readonly eventsPerSecond: number;
  readonly changes: number;
  readonly seed: number;
}

const USAGE = `npm run demo -- [--headless] [--seconds 30] [--json] [--events-per-second 500] [--changes 0] [--seed 1]

  --headless            no dashboard; ends by itself, with what became of every event; so too where stdout is no terminal
  --seconds             how long the load lasts, headless (15 to 86400)
  --json                the end as one line of JSON
  --events-per-second   1 to 100000
  --changes             besides the walk, so many changes of moog_batch_size, spread over the time
  --seed                of the events`;

/** Of the command line. Ends the process with the usage where it can't be read. */
export function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        headless: { type: 'boolean', default: false },
        seconds: { type: 'string', default: '30' },
        json: { type: 'boolean', default: false },
        'events-per-second': { type: 'string', default: '500' },
        changes: { type: 'string', default: '0' },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${USAGE}\n`);
      return process.exit(0);
    }
    return {
      headless: values.headless || !process.stdout.isTTY,
      json: values.json,
      seconds: whole('seconds', values.seconds, 15, 86_400),
      eventsPerSecond: whole('events-per-second', values['events-per-second'], 1, 100_000),
      changes: whole('changes', values.changes, 0, 100_000),
      seed: whole('seed', values.seed, 0, 2 ** 32 - 1),
    };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    return process.exit(2);
  }
}

function whole(name: string, text: string, min: number, max: number): number {
  if (/^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new Error(`--${name} must be a whole number from ${min} to ${max}, and it is ${text}.`);
}
