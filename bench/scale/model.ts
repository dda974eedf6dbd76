import type { Cost, Scale } from './measure-scale.ts';

/** A cost as a straight line: so much whatever there is, and so much for each instance. */
export interface Line {
  readonly base: number;
  readonly each: number;
}

/** What instances cost whatever they are connected to, from two measures. */
export interface Model {
  /** Of the Redis, or of the servers together: processor time for a change, in milliseconds. */
  readonly cpuMsPerChange: Line;
  /** Shares of one core with nobody writing. */
  readonly idleShare: Line;
  readonly bytes: Line;
  readonly connections: Line;
  /** What Redis has used until the last instance is told: about as soon as that can be, with machines for the instances. */
  readonly sendMs: Line;
  /** Until the last instance is told, with the instances themselves on the same machine: more than one would see. */
  readonly lastMs: Line;
}

export interface Prediction {
  readonly instances: number;
  readonly cpuMsPerChange: number;
  readonly idleShare: number;
  readonly bytes: number;
  readonly connections: number;
  readonly sendMs: number;
  readonly lastMs: number;
  /** Changes a second that fit in what is left of half a core; 0: it is idle no more. */
  readonly changesPerSecond: number;
}

/** A process with one thread is kept to half of its core: the rest is for bursts, and for everybody else. */
export const BUSY_SHARE = 0.5;

/**
 * The line through two measures; where they would have it begin below nothing, or fall, noise is in them: then it begins
 * at nothing, and each instance costs what it did where it cost more.
 */
export function lineThrough(small: readonly [number, number], large: readonly [number, number]): Line {
  const each = (large[1] - small[1]) / (large[0] - small[0]);
  const base = large[1] - each * large[0];
  if (each >= 0 && base >= 0) return { base, each };
  return { base: 0, each: Math.max(small[1] / small[0], large[1] / large[0]) };
}

/** What a model takes a cost for: its middle, or where that is not to be told from nothing, the most that it may be. */
export function charged({ low, mid, high }: Cost): number {
  return isResolved({ low }) ? mid : Math.max(0, high);
}

/** Most rounds saw it. */
export function isResolved({ low }: Pick<Cost, 'low'>): boolean {
  return low > 0;
}

export function modelOf(small: Scale, large: Scale): Model {
  const line = (cost: (scale: Scale) => number): Line =>
    lineThrough([small.instances, cost(small)], [large.instances, cost(large)]);
  const isRelayed = large.way === 'servers';
  return {
    cpuMsPerChange: line((scale) => charged(isRelayed ? scale.serverCpuMs : scale.redisCpuMs)),
    idleShare: line((scale) => (isRelayed ? scale.idleServerShare : scale.idleRedisShare)),
    bytes: line((scale) => (isRelayed ? scale.serverBytesEach : scale.redisBytesEach) * scale.instances),
    connections: line((scale) => (isRelayed ? scale.instances : scale.connectionsEach * scale.instances)),
    sendMs: line((scale) => scale.redisSendMs),
    lastMs: line((scale) => scale.lastP50Ms),
  };
}

export function predict(model: Model, instances: number): Prediction {
  const at = ({ base, each }: Line): number => base + each * instances;
  const idleShare = at(model.idleShare);
  const cpuMsPerChange = at(model.cpuMsPerChange);
  return {
    instances,
    cpuMsPerChange,
    idleShare,
    bytes: at(model.bytes),
    connections: at(model.connections),
    sendMs: at(model.sendMs),
    lastMs: at(model.lastMs),
    changesPerSecond: Math.max(0, ((BUSY_SHARE - idleShare) * 1_000) / cpuMsPerChange),
  };
}

/** How many instances one process of a single thread serves at most, at so many changes a second. */
export function mostInstances({ cpuMsPerChange, idleShare }: Model, changesPerSecond: number): number {
  const base = idleShare.base + (cpuMsPerChange.base * changesPerSecond) / 1_000;
  const each = idleShare.each + (cpuMsPerChange.each * changesPerSecond) / 1_000;
  return Math.max(0, Math.floor((BUSY_SHARE - base) / each));
}

/** How many relays so many instances need, each kept to half of a core. */
export function relaysFor(relay: Model, instances: number, changesPerSecond: number): number {
  return Math.ceil(instances / mostInstances(relay, changesPerSecond));
}
