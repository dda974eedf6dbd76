import type { NewEvent } from '../pipeline/event.ts';

/** A number from 0 up to 1, the same ones for the same seed. */
export type Random = () => number;

/** Mulberry32, by Tommy Ettinger: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Kind {
  /** How common it is, beside the others. */
  readonly weight: number;
  readonly severity: number;
  readonly app_name: string;
  readonly oid?: string;
  message(random: Random): string;
}

/** What the routers and servers of a small company have to say. All but the last kinds are matched by the alerter's rules. */
const KINDS: readonly Kind[] = [
  {
    weight: 30,
    severity: 3,
    app_name: 'ifmgr',
    message: (random) =>
      `%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/${whole(random, 48)}, changed state to down`,
  },
  {
    weight: 10,
    severity: 2,
    app_name: 'bgpd',
    message: (random) =>
      `%BGP-5-ADJCHANGE: neighbor 10.${whole(random, 255)}.0.${whole(random, 255)} Down Hold timer expired`,
  },
  {
    weight: 12,
    severity: 4,
    app_name: 'snmptrapd',
    oid: '1.3.6.1.6.3.1.1.5.3',
    message: (random) => `IF-MIB::linkDown ifIndex.${whole(random, 96)} ifAdminStatus up ifOperStatus down`,
  },
  {
    weight: 10,
    severity: 2,
    app_name: 'kernel',
    message: (random) =>
      `Out of memory: Killed process ${whole(random, 65_535)} (java) total-vm:${whole(random, 9e6)}kB`,
  },
  {
    weight: 12,
    severity: 3,
    app_name: 'postgres',
    message: (random) => `could not write to file "base/pgsql_tmp/${whole(random, 9e4)}": No space left on device`,
  },
  {
    weight: 16,
    severity: 4,
    app_name: 'sshd',
    message: (random) =>
      `Failed password for invalid user admin from 203.0.113.${whole(random, 255)} port ${whole(random, 65_535)} ssh2`,
  },
  {
    weight: 7,
    severity: 6,
    app_name: 'ntpd',
    message: (random) => `adjusting local clock by ${(random() / 10).toFixed(6)}s`,
  },
  {
    weight: 3,
    severity: 6,
    app_name: 'cron',
    message: (random) => `(root) CMD (/usr/local/bin/rotate --keep ${whole(random, 30)})`,
  },
];

const TOTAL_WEIGHT = KINDS.reduce((sum, { weight }) => sum + weight, 0);
const HOSTS = [...numbered('core-rtr', 4), ...numbered('edge-sw', 24), ...numbered('db', 6), ...numbered('web', 16)];

/** Syslog as it comes, endlessly; the same for the same seed, but for the time. Ids tell events of one run apart. */
export function* eventGenerator(random: Random, run: string): Generator<NewEvent & { readonly id: string }, never> {
  for (let n = 1; ; n++) {
    const kind = pick(random);
    yield {
      id: `${run}-${n}`,
      timestamp: new Date().toISOString(),
      hostname: HOSTS[whole(random, HOSTS.length)] ?? 'db-01',
      message: kind.message(random),
      severity: kind.severity,
      facility: 16,
      app_name: kind.app_name,
      ...(kind.oid !== undefined && { oid: kind.oid }),
    };
  }
}

function pick(random: Random): Kind {
  let at = random() * TOTAL_WEIGHT;
  return KINDS.find(({ weight }) => (at -= weight) < 0) ?? (KINDS[0] as Kind);
}

function whole(random: Random, below: number): number {
  return Math.floor(random() * below);
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${name}-${String(n + 1).padStart(2, '0')}`);
}
