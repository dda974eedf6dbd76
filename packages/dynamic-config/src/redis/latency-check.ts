import { randomUUID } from 'node:crypto';
import type { Examined } from './examined.ts';
import { median } from './examined.ts';
import { ok, warning } from './finding.ts';
import type { Finding } from './finding.ts';

const SAMPLES = 20;
const SLOW_MS = 50;
const LONGEST_MS = 2_000;

/** How long a reply takes, and a message to a subscriber: what a change takes to be seen. */
export async function checkLatency({ session, namespace }: Examined): Promise<Finding> {
  const trips: number[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    const start = performance.now();
    await session.send(['PING']);
    trips.push(performance.now() - start);
  }
  const seen = session.hearsWhileAsking ? await deliveryMs({ session, namespace }) : null;
  const told = `A round trip takes ${ms(median(trips))}${seen === null ? '' : `, a message to a subscriber ${ms(seen)}`}.`;
  if (median(trips) < SLOW_MS) return ok('latency', told);
  return warning('latency', {
    what: told,
    why: 'Every change takes at least that long to be seen.',
    fix: 'Run instances near their Redis; see redis-cli --latency and SLOWLOG GET',
  });
}

/** null: this user may not use a channel of its own. */
async function deliveryMs({ session, namespace }: Pick<Examined, 'session' | 'namespace'>): Promise<number | null> {
  const channel = namespace.keeperAnswer(randomUUID());
  let arrived: () => void = () => {};
  try {
    await session.subscribe(channel, () => arrived());
    const samples: number[] = [];
    for (let n = 0; n < SAMPLES; n++) {
      const start = performance.now();
      const arrival = new Promise<void>((resolve, reject) => {
        arrived = resolve;
        setTimeout(() => reject(new Error('It did not arrive.')), LONGEST_MS).unref();
      });
      arrival.catch(() => {});
      await session.send(['PUBLISH', channel, '']);
      await arrival;
      samples.push(performance.now() - start);
    }
    return median(samples);
  } catch {
    return null;
  }
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}
