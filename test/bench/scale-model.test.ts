import { describe, expect, it } from 'vitest';
import type { Cost } from '../../bench/scale/measure-scale.ts';
import { charged, lineThrough, modelOf, mostInstances, predict, relaysFor } from '../../bench/scale/model.ts';

const exactly = (ms: number): Cost => ({ low: ms, mid: ms, high: ms });

const SMALL = {
  way: 'redis' as const,
  instances: 1_000,
  servers: 0,
  toldP50Ms: 10,
  toldP99Ms: 20,
  lastP50Ms: 30,
  lastP99Ms: 40,
  redisCpuMs: exactly(12),
  serverCpuMs: exactly(0),
  instanceCpuMs: exactly(100),
  redisSendMs: 8,
  redisBytesEach: 40_000,
  connectionsEach: 1,
  waitingBytesEach: 0,
  idleCommandsPerSecond: 250,
  idleRedisShare: 0.01,
  idleServerShare: 0,
  serverBytesEach: 0,
};
const LARGE = {
  ...SMALL,
  instances: 5_000,
  redisCpuMs: exactly(52),
  redisSendMs: 28,
  lastP50Ms: 110,
  idleRedisShare: 0.05,
};
const model = modelOf(SMALL, LARGE);

describe('the model of a large fleet', () => {
  it('gives back what was measured', () => {
    for (const { instances, redisCpuMs, lastP50Ms } of [SMALL, LARGE]) {
      const { cpuMsPerChange, lastMs } = predict(model, instances);
      expect(cpuMsPerChange).toBeCloseTo(redisCpuMs.mid);
      expect(lastMs).toBeCloseTo(lastP50Ms);
    }
  });

  it('goes on as a straight line', () => {
    expect(predict(model, 10_000)).toEqual({
      instances: 10_000,
      cpuMsPerChange: expect.closeTo(102) as number,
      idleShare: expect.closeTo(0.1) as number,
      bytes: expect.closeTo(4e8, -2) as number,
      connections: expect.closeTo(10_000) as number,
      sendMs: expect.closeTo(53) as number,
      lastMs: expect.closeTo(210) as number,
      changesPerSecond: expect.closeTo(400 / 102) as number,
    });
  });

  it('has no room for changes where being idle takes more than half of a core', () => {
    expect(predict(model, 100_000).changesPerSecond).toBe(0);
  });

  it('takes the worse of two measures, for each instance, where a line through both would fall or begin below nothing', () => {
    expect(lineThrough([1_000, 8], [5_000, 4])).toEqual({ base: 0, each: 0.008 });
    expect(lineThrough([1_000, 1], [5_000, 10])).toEqual({ base: 0, each: 0.002 });
  });

  it('takes a cost that is not to be told from nothing for the most that it may be', () => {
    expect(charged({ low: 1, mid: 2, high: 9 })).toBe(2);
    expect(charged({ low: -1, mid: 2, high: 9 })).toBe(9);
    expect(charged({ low: -3, mid: -2, high: -1 })).toBe(0);
  });

  it('says how many instances fit, and how many relays that takes', () => {
    // 0.00001 idle, and 0.00001 for a change a second, of a core for each instance; 0.002 whatever there is.
    expect(mostInstances(model, 1)).toBeGreaterThanOrEqual(24_899);
    expect(mostInstances(model, 1)).toBeLessThanOrEqual(24_900);
    expect(predict(model, 24_900).changesPerSecond).toBeCloseTo(1);
    expect(relaysFor(model, 100_000, 1)).toBe(5);
  });

  it('takes what servers cost, where they stand between', () => {
    const relayed = {
      way: 'servers' as const,
      servers: 1,
      serverCpuMs: exactly(20),
      idleServerShare: 0.02,
      serverBytesEach: 9_000,
    };
    const relay = modelOf({ ...SMALL, ...relayed }, { ...LARGE, ...relayed, serverCpuMs: exactly(100) });
    expect(predict(relay, 2_000)).toMatchObject({
      cpuMsPerChange: 40,
      idleShare: 0.02,
      bytes: 18e6,
      connections: 2_000,
    });
  });
});
