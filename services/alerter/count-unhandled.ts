import { createHash, randomUUID } from 'node:crypto';
import type { Alert, Event } from '../pipeline/event.ts';
import { QUEUES } from '../pipeline/queues.ts';
import type { Redis } from '../pipeline/redis.ts';
import { Script } from '../pipeline/script.ts';

const script = new Script('count-unhandled');
const HOUR_MS = 3_600_000;
const EXCERPT = 200;

export interface UnhandledOptions {
  /** Each time that a host has sent so many in an hour, an alert tells of it. */
  readonly threshold: number;
  readonly team: string;
  readonly isDevHost: (hostname: string) => boolean;
}

/**
 * Counts events that no rule matched, by host and hour, together with all other alerters.
 *
 * @returns how many alerts that made.
 */
export async function countUnhandled(
  redis: Redis,
  events: readonly Event[],
  { threshold, ...options }: UnhandledOptions,
): Promise<number> {
  const counted = new Map<string, { count: number; latest: Event }>();
  for (const latest of events) {
    const counter = `${QUEUES.unhandled}:${hourOf(latest)}:${latest.hostname.toLowerCase()}`;
    counted.set(counter, { count: (counted.get(counter)?.count ?? 0) + 1, latest });
  }
  const made = await Promise.all(
    [...counted].map(([counter, { count, latest }]) => {
      const args = [count, threshold, HOUR_MS].map(String);
      return script.run(redis, [counter, QUEUES.alert], [...args, ...piecesOfAlert(latest, options)]);
    }),
  );
  return made.reduce<number>((sum, alerts) => sum + Number(alerts), 0);
}

/** The alert as JSON, without the count: Redis alone knows it. */
function piecesOfAlert(latest: Event, { team, isDevHost }: Omit<UnhandledOptions, 'threshold'>): string[] {
  const count = randomUUID(); // Stands for the count, and nothing that anybody sends contains it.
  const { hostname, message, timestamp, source, correlation_id, received_at } = latest;
  const hour = hourOf(latest);
  // The same for the same count, so that whoever gets it twice can tell. A host's name may be too long for an id.
  const host = createHash('sha256').update(hostname.toLowerCase()).digest('hex').slice(0, 16);
  const id = `unhandled:${host}:${hour}:${count}`;
  const summary = `${count} events from ${hostname} since ${hour}:00 UTC match no rule. The latest: ${message.slice(0, EXCERPT)}`;
  const alert: Alert = {
    id,
    rule: 'unhandled',
    priority: 1_000,
    handling: 'ticket',
    team,
    environment: isDevHost(hostname) ? 'dev' : 'prod',
    event: { id, timestamp, message: summary, hostname, source, correlation_id, received_at },
  };
  return JSON.stringify(alert).split(count);
}

/** By when it was received, not by when it is counted: so all alerters mean the same hour. */
function hourOf({ received_at }: Event): string {
  const received = Date.parse(received_at);
  return new Date(Number.isNaN(received) ? Date.now() : received).toISOString().slice(0, 13);
}
