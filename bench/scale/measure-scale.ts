import { setTimeout as sleep } from 'node:timers/promises';
import { DynamicConfig } from '@mutt/dynamic-config';
import { startRedis } from '../../test/support/redis-server.ts';
import { quantile } from '../figure.ts';
import { BENCH_KEY, startBenchServer } from '../http-server.ts';
import type { BenchServer } from '../http-server.ts';
import { rawClient } from '../raw-client.ts';
import { Fleet } from './fleet.ts';
import { redisUsage, waitingBytes } from './redis-usage.ts';

/** Each with a connection of its own to Redis; or over a stream of events from servers, which have one. */
type Way = 'redis' | 'servers';

/**
 * A cost of a change, as the quartiles of what each round said. A round is a time in which nobody writes, and one of the
 * same length with changes: what the second used more than the first is theirs, whatever else the machine was doing.
 */
export interface Cost {
  readonly low: number;
  readonly mid: number;
  readonly high: number;
}

export interface Scale {
  readonly way: Way;
  readonly instances: number;
  readonly servers: number;
  /** From a write until an instance was told, of all instances and changes; and until the last of them was. */
  readonly toldP50Ms: number;
  readonly toldP99Ms: number;
  readonly lastP50Ms: number;
  readonly lastP99Ms: number;
  /** Processor time of Redis, of all servers, and of all instances, for each change: also for what is verified later. */
  readonly redisCpuMs: Cost;
  readonly serverCpuMs: Cost;
  readonly instanceCpuMs: Cost;
  /** What Redis has used of that when the last instance is told. */
  readonly redisSendMs: number;
  /** Of Redis. */
  readonly redisBytesEach: number;
  readonly connectionsEach: number;
  /** The most that waited in Redis, right after a change. */
  readonly waitingBytesEach: number;
  /** With nobody writing. */
  readonly idleCommandsPerSecond: number;
  /** Of one core. */
  readonly idleRedisShare: number;
  readonly idleServerShare: number;
  /** Of all servers together, for each instance. */
  readonly serverBytesEach: number;
}

interface Plan {
  readonly way: Way;
  readonly instances: number;
  readonly servers: number;
  readonly rounds: number;
}

/** What was used until now, in milliseconds of processor time. */
interface Used {
  readonly redis: number;
  readonly servers: number;
  readonly instances: number;
}

const WARM_UP_CHANGES = 3;
/** Instances look again, up to a second after a change and spread over that time: it is part of its cost. */
const CHANGE_MS = 1_500;
const CHANGES_A_ROUND = 3;
/** Idle instances ask once in this time: each time of a round has all of their questions once. */
const WINDOW_MS = 4_750;
/** After a start there is more to do: who is the keeper, is the index complete. */
const SETTLE_MS = 5_000;

export async function measureScale(plan: Plan): Promise<Scale> {
  const redis = await startRedis('--maxclients', '19000');
  const raw = await rawClient(redis.url);
  const config = await DynamicConfig.connect(redis.url);
  await config.commit(Array.from({ length: 20 }, (_, n) => ({ key: `key_${n}`, value: String(n) })));
  const servers = await Promise.all(Array.from({ length: plan.servers }, () => startBenchServer('ours', redis.url)));
  let fleet: Fleet | null = null;
  try {
    const serverBytesBefore = await heldBytes(servers);
    const before = await redisUsage(raw);
    const addresses = plan.way === 'redis' ? [redis.url] : servers.map(({ url }) => url.href);
    fleet = await Fleet.start(plan.instances, addresses, plan.way === 'redis' ? '' : BENCH_KEY);
    // The first changes also make everything compile what it runs for them: done before anything is measured.
    let waiting = 0;
    for (let n = 0; n < WARM_UP_CHANGES; n++) {
      const told = fleet.change(`warm-up-${n}`, (id) => config.set('bench', id));
      waiting = Math.max(waiting, await waitingBytes(raw));
      await told;
      await sleep(CHANGE_MS);
    }
    await sleep(SETTLE_MS);

    const all = fleet;
    const used = async (): Promise<Used> => {
      const [{ cpuMs }, cpuOfServers] = [await redisUsage(raw), await serverCpuMs(servers)];
      return { redis: cpuMs, servers: cpuOfServers, instances: await all.cpuMs() };
    };
    const settled = await redisUsage(raw);
    const serverBytes = Math.max(0, (await heldBytes(servers)) - serverBytesBefore);
    const [samples, lasts, sent]: [number[], number[], number[]] = [[], [], []];
    const rounds: { readonly idle: Used; readonly changes: Used; readonly commands: number }[] = [];
    for (let round = 0; round < plan.rounds; round++) {
      const [commands, start] = [(await redisUsage(raw)).commands, await used()];
      await sleep(WINDOW_MS);
      const [idleCommands, idle] = [(await redisUsage(raw)).commands, await used()];
      const windowEnds = sleep(WINDOW_MS);
      for (let n = 0; n < CHANGES_A_ROUND; n++) {
        const changeEnds = sleep(CHANGE_MS);
        const before = await redisUsage(raw);
        const told = await fleet.change(`set-${round}-${n}`, (id) => config.set('bench', id));
        sent.push((await redisUsage(raw)).cpuMs - before.cpuMs);
        samples.push(...told);
        lasts.push(told.reduce((most, one) => Math.max(most, one), 0));
        await changeEnds;
      }
      await windowEnds;
      const changed = await used();
      rounds.push({
        idle: difference(idle, start),
        changes: difference(changed, idle),
        commands: idleCommands - commands,
      });
    }
    const costOf = (part: keyof Used): Cost => {
      const costs = rounds.map(({ idle, changes }) => (changes[part] - idle[part]) / CHANGES_A_ROUND);
      return { low: quantile(costs, 0.25), mid: quantile(costs, 0.5), high: quantile(costs, 0.75) };
    };
    const idleOf = (part: keyof Used): number =>
      quantile(
        rounds.map(({ idle }) => idle[part]),
        0.5,
      ) / WINDOW_MS;
    return {
      way: plan.way,
      instances: plan.instances,
      servers: plan.servers,
      toldP50Ms: quantile(samples, 0.5),
      toldP99Ms: quantile(samples, 0.99),
      lastP50Ms: quantile(lasts, 0.5),
      lastP99Ms: quantile(lasts, 0.99),
      redisCpuMs: costOf('redis'),
      serverCpuMs: costOf('servers'),
      instanceCpuMs: costOf('instances'),
      redisSendMs: quantile(sent, 0.5),
      redisBytesEach: Math.max(0, settled.bytes - before.bytes) / plan.instances,
      connectionsEach: Math.max(0, settled.connections - before.connections) / plan.instances,
      waitingBytesEach: waiting / plan.instances,
      idleCommandsPerSecond:
        (quantile(
          rounds.map(({ commands }) => commands),
          0.5,
        ) *
          1_000) /
        WINDOW_MS,
      idleRedisShare: idleOf('redis'),
      idleServerShare: idleOf('servers'),
      serverBytesEach: serverBytes / plan.instances,
    };
  } finally {
    await fleet?.stop();
    await config.close();
    await Promise.all(servers.map((server) => server.stop()));
    raw.destroy();
    await redis.stop();
  }
}

function difference(to: Used, from: Used): Used {
  return { redis: to.redis - from.redis, servers: to.servers - from.servers, instances: to.instances - from.instances };
}

async function serverCpuMs(servers: readonly BenchServer[]): Promise<number> {
  const usages = await Promise.all(servers.map((server) => server.usage()));
  return usages.reduce((sum, { cpuUs }) => sum + cpuUs / 1_000, 0);
}

/** What JavaScript holds, once nothing is left to be let go of: what is resident also has room that is free. */
async function heldBytes(servers: readonly BenchServer[]): Promise<number> {
  const usages = await Promise.all(servers.map((server) => server.usage('what is held')));
  return usages.reduce((sum, { heldBytes: bytes }) => sum + bytes, 0);
}
