import { randomUUID } from 'node:crypto';
import { ConfigError } from '../errors.ts';
import { median } from './examined.ts';
import type { Examined } from './examined.ts';
import { ok, problem, unknown, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import type { RedisSession } from './session.ts';
import { within } from './within.ts';

const CHECK = 'set-to-seen';
const SAMPLES = 20;
const SLOW_MS = 100;
const LONGEST_MS = 2_000;
/** Should this process die before it deletes what it wrote. */
const EXPIRES_MS = 60_000;

/** A write was not seen in time. */
class NotSeen extends Error {}

/**
 * How soon a write on one connection is seen on another, as an instance sees one: Redis announces it (tracking), and the
 * value is read.
 *
 * What is written is a key under `P@` that nobody else looks at: instances are told of `P:` only, where legacy peers look, too.
 */
export async function checkSetToSeen(
  { session, namespace, openAnother }: Pick<Examined, 'session' | 'namespace' | 'openAnother'>,
  longestMs = LONGEST_MS,
): Promise<Finding> {
  if (!session.hearsWhileAsking) return notMeasured('Redis announces no writes here (no RESP3).');
  const key = namespace.probe(randomUUID());
  const sessions: RedisSession[] = [];
  try {
    let announced = (): void => {};
    const listener = { onInvalidated: () => announced(), onMessage: () => {} };
    const reader = await openAnother({ channels: [], trackedPrefix: key, listener });
    sessions.push(reader);
    // Where it may not write, that shall not end the connection that all else is asked on.
    const writer = await openAnother();
    sessions.push(writer);
    const samples: number[] = [];
    for (let n = 0; n < SAMPLES; n++) {
      const start = performance.now();
      const announcement = new Promise<void>((resolve) => (announced = resolve));
      await writer.send(['SET', key, String(n), 'PX', String(EXPIRES_MS)]);
      await within(announcement, longestMs, () => new NotSeen());
      await isRead(reader, { key, value: String(n), byMs: start + longestMs });
      samples.push(performance.now() - start);
    }
    await writer.send(['DEL', key]).catch(() => {});
    return measured(samples);
  } catch (error) {
    if (error instanceof NotSeen) return notSeen(longestMs);
    if (error instanceof ConfigError && session.isOpen) return notMeasured(error.message);
    throw error;
  } finally {
    for (const one of sessions) one.end();
  }
}

/** Resolves once the key is read with the value: some proxies read from replicas. */
async function isRead(
  reader: RedisSession,
  { key, value, byMs }: { readonly key: string; readonly value: string; readonly byMs: number },
): Promise<void> {
  while ((await reader.send(['GET', key])) !== value) {
    if (performance.now() > byMs) throw new NotSeen();
  }
}

function measured(samples: readonly number[]): Finding {
  const [middle, slowest] = [median(samples), Math.max(...samples)];
  const what = `A write is seen on another connection after ${ms(middle)}, ${ms(slowest)} at most (${samples.length} writes beside the settings).`;
  if (middle < SLOW_MS) return ok(CHECK, what);
  return warning(CHECK, {
    what,
    why: 'Every instance serves the old value for at least that long.',
    fix: 'Run instances near their Redis; see redis-cli --latency and SLOWLOG GET',
  });
}

function notSeen(longestMs: number): Finding {
  return problem(CHECK, {
    what: `A write was not seen on another connection within ${longestMs / 1000} s.`,
    why: 'Instances see what redis-cli and legacy peers write only by polling, and may read what is no longer so.',
    fix: 'Connect to Redis itself, without a proxy that holds pushes back or reads from replicas.',
  });
}

function notMeasured(because: string): Finding {
  return unknown(CHECK, `How soon a write is seen was not measured: ${because}`);
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}
