import { setTimeout as elapse } from 'node:timers/promises';
import type { Child } from '../support/child.ts';
import { freezeFor } from '../support/freeze.ts';
import { dropPushes, repeatPushes, shufflePushes } from '../support/push-faults.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import type { Scenario } from '../support/scenario.ts';
import type { Frame, TcpProxy } from '../support/tcp-proxy.ts';

/** What faults are done to. */
export interface Targets {
  readonly scenario: Scenario;
  readonly proxies: readonly TcpProxy[];
  readonly postgres: PostgresServer;
  /** Between the server and PostgreSQL. */
  readonly databaseProxy: TcpProxy;
  /** Kills the server and starts it again, if it is not being started. */
  readonly restartServer: () => void;
  /** Kills an instance and starts another one in its place. */
  readonly restartInstance: () => Promise<void>;
  readonly instance: () => Child;
}

type Fault = readonly [name: string, inject: () => Promise<unknown> | void];

const isCommit = ({ command }: Frame): boolean => command[0]?.startsWith('EVAL') ?? false;

/** Faults at random, each kind once before any of them comes again; how many of each in `counts`. */
export class RandomFaults {
  readonly counts: Record<string, number> = {};
  readonly #targets: Targets;
  readonly #random: () => number;

  constructor(targets: Targets, random: () => number) {
    this.#targets = targets;
    this.#random = random;
  }

  /** Three at a time, of links, of processes, and of the database, until `untilMs`; then all links are healed. */
  async run(untilMs: number): Promise<void> {
    await Promise.all([
      this.#repeat(() => this.#linkFaults, untilMs),
      this.#repeat(() => this.#processFaults, untilMs),
      this.#repeat(() => this.#databaseFaults, untilMs),
    ]);
    for (const proxy of [...this.#targets.proxies, this.#targets.databaseProxy]) proxy.heal();
  }

  async #repeat(faults: () => readonly Fault[], untilMs: number): Promise<void> {
    const done = new Set<string>();
    while (performance.now() < untilMs) {
      let left = faults().filter(([name]) => !done.has(name));
      if (left.length === 0) {
        done.clear();
        left = [...faults()];
      }
      const [name, inject] = left[Math.floor(this.#random() * left.length)] as Fault;
      done.add(name);
      this.counts[name] = (this.counts[name] ?? 0) + 1;
      await inject();
      await elapse(this.#random() * 400);
    }
  }

  get #linkFaults(): readonly Fault[] {
    const random = this.#random;
    const proxy = this.#targets.proxies[random() < 0.5 ? 0 : 1] as TcpProxy;
    const way = random() < 0.5 ? proxy.toClient : proxy.toServer;
    const filtered = async (filter: TcpProxy['filter']): Promise<void> => {
      proxy.filter = filter;
      await elapse(500 + random() * 1_000);
      proxy.heal();
    };
    return [
      ['reset', () => void proxy.resetAll()],
      ['reset again and again', async () => this.#times(5, 60, () => void proxy.resetAll())],
      [
        'delay',
        async () => {
          way.delayMs = random() * 80;
          await elapse(random() * 1_000);
          way.delayMs = 0;
        },
      ],
      [
        'black hole',
        async () => {
          proxy.hold(way);
          await elapse(random() * 3_000);
          proxy.hold(way, false);
        },
      ],
      ["a commit's reply lost", () => proxy.loseReply(isCommit)],
      ["a commit's reply cut", () => void proxy.truncateReply(isCommit)],
      ['pushes dropped', () => filtered(dropPushes(1 + Math.floor(random() * 3)))],
      ['pushes repeated', () => filtered(repeatPushes(3))],
      ['pushes shuffled', () => filtered(shufflePushes(random, 30))],
    ];
  }

  get #processFaults(): readonly Fault[] {
    const random = this.#random;
    const { scenario, restartServer, restartInstance, instance } = this.#targets;
    const { redis } = scenario;
    const cli = (...command: string[]) => redis.cli(...command).catch(() => '');
    return [
      ['Redis frozen', () => freezeFor(redis.process, random() * 2_000)],
      ['Redis killed', () => redis.restart()],
      ['server killed', () => restartServer()],
      ['instance killed', () => restartInstance()],
      ['instance frozen', () => freezeFor(instance().process, random() * 1_500)],
      ['SCRIPT FLUSH', () => cli('SCRIPT', 'FLUSH')],
      ['CLIENT KILL', () => cli('CLIENT', 'KILL', 'TYPE', 'pubsub')],
      ['CLIENT PAUSE', () => cli('CLIENT', 'PAUSE', '400', random() < 0.5 ? 'ALL' : 'WRITE')],
      [
        'out of memory',
        async () => {
          await cli('CONFIG', 'SET', 'maxmemory', '1');
          await elapse(random() * 500);
          await cli('CONFIG', 'SET', 'maxmemory', '0');
        },
      ],
      [
        'too few replicas',
        async () => {
          await cli('CONFIG', 'SET', 'min-replicas-to-write', '1');
          await elapse(random() * 500);
          await cli('CONFIG', 'SET', 'min-replicas-to-write', '0');
        },
      ],
      [
        'rights to write taken away',
        async () => {
          await cli('ACL', 'SETUSER', 'default', '-@write');
          await elapse(random() * 500);
          await cli('ACL', 'SETUSER', 'default', '+@all');
        },
      ],
    ];
  }

  get #databaseFaults(): readonly Fault[] {
    const random = this.#random;
    const { postgres, databaseProxy } = this.#targets;
    return [
      [
        'PostgreSQL frozen',
        async () => {
          const thaw = postgres.freeze();
          await elapse(random() * 2_000);
          thaw();
        },
      ],
      [
        'PostgreSQL killed',
        async () => {
          await postgres.kill();
          await elapse(random() * 1_000);
          await postgres.start();
        },
      ],
      [
        'PostgreSQL slow',
        async () => {
          databaseProxy.toClient.delayMs = random() * 200;
          await elapse(random() * 2_000);
          databaseProxy.toClient.delayMs = 0;
        },
      ],
      ['PostgreSQL cut off', () => void databaseProxy.resetAll()],
      ['PostgreSQL well', () => elapse(random() * 2_000)],
    ];
  }

  async #times(count: number, pauseMs: number, task: () => void): Promise<void> {
    for (let n = 0; n < count; n++) {
      task();
      await elapse(this.#random() * pauseMs);
    }
  }
}
