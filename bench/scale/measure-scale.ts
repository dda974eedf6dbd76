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
  readonly redisCpuMs: number;
  readonly serverCpuMs: number;
  readonly instanceCpuMs: number;
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
  readonly changes: number;
  readonly idleMs: number;
}

const WARM_UP_CHANGES = 3;
/** Instances look again, up to a second after a change and spread over that time: it is part of its cost. */
const CHANGE_MS = 1_500;
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

    const [settled, serverSettled] = [await redisUsage(raw), await serverCpuMs(servers)];
    await sleep(plan.idleMs);
    const [idle, serverIdle] = [await redisUsage(raw), await serverCpuMs(servers)];
    const idleMs = idle.atMs - settled.atMs;
    const idleRedisShare = (idle.cpuMs - settled.cpuMs) / idleMs;
    const idleServerShare = (serverIdle - serverSettled) / idleMs;
    const serverBytes = Math.max(0, (await heldBytes(servers)) - serverBytesBefore);

    const samples: number[] = [];
    const lasts: number[] = [];
    const [from, serverFrom, fleetFrom] = [await redisUsage(raw), await serverCpuMs(servers), await fleet.cpuMs()];
    for (let n = 0; n < plan.changes; n++) {
      const told = await fleet.change(`set-${n}`, (id) => config.set('bench', id));
      samples.push(...told);
      lasts.push(told.reduce((most, one) => Math.max(most, one), 0));
      await sleep(CHANGE_MS);
    }
    const [to, serverTo, fleetTo] = [await redisUsage(raw), await serverCpuMs(servers), await fleet.cpuMs()];
    const elapsedMs = to.atMs - from.atMs;
    const perChange = (cpuMs: number, idleShare: number): number =>
      Math.max(0, cpuMs - idleShare * elapsedMs) / plan.changes;
    return {
      way: plan.way,
      instances: plan.instances,
      servers: plan.servers,
      toldP50Ms: quantile(samples, 0.5),
      toldP99Ms: quantile(samples, 0.99),
      lastP50Ms: quantile(lasts, 0.5),
      lastP99Ms: quantile(lasts, 0.99),
      redisCpuMs: perChange(to.cpuMs - from.cpuMs, idleRedisShare),
      serverCpuMs: perChange(serverTo - serverFrom, idleServerShare),
      instanceCpuMs: perChange(fleetTo - fleetFrom, 0),
      redisBytesEach: Math.max(0, settled.bytes - before.bytes) / plan.instances,
      connectionsEach: Math.max(0, settled.connections - before.connections) / plan.instances,
      waitingBytesEach: waiting / plan.instances,
      idleCommandsPerSecond: ((idle.commands - settled.commands - 1) * 1_000) / idleMs,
      idleRedisShare,
      idleServerShare,
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

async function serverCpuMs(servers: readonly BenchServer[]): Promise<number> {
  const usages = await Promise.all(servers.map((server) => server.usage()));
  return usages.reduce((sum, { cpuUs }) => sum + cpuUs / 1_000, 0);
}

/** What JavaScript holds, once nothing is left to be let go of: what is resident also has room that is free. */
async function heldBytes(servers: readonly BenchServer[]): Promise<number> {
  const usages = await Promise.all(servers.map((server) => server.usage('what is held')));
  return usages.reduce((sum, { heldBytes: bytes }) => sum + bytes, 0);
}
