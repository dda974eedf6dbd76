import { measuredOn } from '../machine.ts';
import { markdownTable } from '../markdown-table.ts';
import type { Cost, Scale } from './measure-scale.ts';
import { BUSY_SHARE, isResolved, modelOf, mostInstances, predict, relaysFor } from './model.ts';
import type { Model } from './model.ts';

const PROJECTED = [10_000, 100_000];
const CHANGES_PER_SECOND = [0.1, 1, 10];

/** What was measured, and what follows from it, as Markdown. */
export function scalePage(scales: readonly Scale[], isQuick: boolean): string {
  const direct = scales.filter(({ way }) => way === 'redis');
  const relayed = scales.filter(({ way }) => way === 'servers');
  const [redis, relay] = [modelBetween(direct), modelBetween(relayed)];
  return [
    `Measured ${measuredOn(['redis-server'])}${isQuick ? '. The short form, `--quick`: fewer instances and samples' : ''}.`,
    '### Measured',
    measuredTable(scales),
    '### Projected',
    `From the two sizes of each way, as a straight line. More than ${thousands(direct.at(-1)?.instances ?? 0)} was not measured.`,
    projectedTable([...direct.map(({ instances }) => instances), ...PROJECTED], redis, relay),
    '### Where one Redis ends, and one server',
    `With one thread of each kept to ${BUSY_SHARE * 100} % of a core:`,
    endsTable(redis, relay),
  ].join('\n\n');
}

function modelBetween(scales: readonly Scale[]): Model {
  const [small, large] = [scales[0], scales.at(-1)];
  if (small === undefined || large === undefined || small === large) throw new Error('A model takes two sizes.');
  return modelOf(small, large);
}

function measuredTable(scales: readonly Scale[]): string {
  const row = (what: string, cell: (scale: Scale) => string): string[] => [what, ...scales.map(cell)];
  const each = (scale: Scale): string => (scale.way === 'redis' ? 'on Redis' : `over ${scale.servers} server`);
  return markdownTable(
    ['', ...scales.map((scale) => `${thousands(scale.instances)} ${each(scale)}`)],
    [
      row('an instance has a change, p50 / p99', (scale) => `${round(scale.toldP50Ms)} / ${round(scale.toldP99Ms)} ms`),
      row('the last of them has it, p50 / p99', (scale) => `${round(scale.lastP50Ms)} / ${round(scale.lastP99Ms)} ms`),
      row('Redis, processor time for a change', (scale) => cost(scale.redisCpuMs)),
      row('… of which before the last instance has it', (scale) => `${round(scale.redisSendMs)} ms`),
      row('the server, for a change', (scale) => (scale.servers === 0 ? '–' : cost(scale.serverCpuMs))),
      row('all instances, for a change', (scale) => cost(scale.instanceCpuMs)),
      row('connections to Redis, of an instance', (scale) => round(scale.connectionsEach)),
      row('memory of Redis, for an instance', (scale) => `${round(scale.redisBytesEach / 1_024)} KiB`),
      row(
        "queued beyond a client's own buffer, right after a change",
        (scale) => `${round(scale.waitingBytesEach / 1_024)} KiB`,
      ),
      row('memory of the server, for an instance', (scale) =>
        scale.servers === 0 ? '–' : `${round(scale.serverBytesEach / 1_024)} KiB`,
      ),
      row('idle: commands of Redis a second', (scale) => round(scale.idleCommandsPerSecond)),
      row('idle: Redis, of a core', (scale) => percent(scale.idleRedisShare)),
      row('idle: the server, of a core', (scale) => (scale.servers === 0 ? '–' : percent(scale.idleServerShare))),
    ],
  );
}

function projectedTable(sizes: readonly number[], redis: Model, relay: Model): string {
  const rows = sizes.map((instances) => {
    const [direct, relayed] = [predict(redis, instances), predict(relay, instances)];
    return [
      thousands(instances),
      `${round(direct.cpuMsPerChange)} ms`,
      percent(direct.idleShare),
      direct.changesPerSecond === 0 ? 'none' : round(direct.changesPerSecond),
      gigabytes(direct.bytes),
      thousands(Math.round(direct.connections)),
      `${round(direct.sendMs)} to ${round(direct.lastMs)} ms`,
      relayCount(instances, relay),
      gigabytes(relayed.bytes),
    ];
  });
  return markdownTable(
    [
      'instances',
      'Redis, for a change',
      'Redis, idle',
      'changes a second that fit',
      'memory of Redis',
      'connections',
      'the last has a change after',
      'or servers, at a change a second',
      'memory of these',
    ],
    rows,
  );
}

function relayCount(instances: number, relay: Model): string {
  const relays = relaysFor(relay, instances, 1);
  return Number.isFinite(relays) ? thousands(relays) : '–';
}

function endsTable(redis: Model, relay: Model): string {
  return markdownTable(
    ['changes a second', 'instances of one Redis', 'instances of one server'],
    CHANGES_PER_SECOND.map((changes) => [
      String(changes),
      thousands(mostInstances(redis, changes)),
      thousands(mostInstances(relay, changes)),
    ]),
  );
}

function cost(of: Cost): string {
  return isResolved(of) ? `${round(of.mid)} ms` : `at most ${round(Math.max(0, of.high))} ms`;
}

function round(value: number): string {
  return value >= 100 ? thousands(Math.round(value)) : String(Number(value.toPrecision(2)));
}

function thousands(value: number): string {
  return value.toLocaleString('en');
}

function percent(share: number): string {
  return `${round(share * 100)} %`;
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${round(bytes / 1e6)} MB` : `${round(bytes / 1e9)} GB`;
}
