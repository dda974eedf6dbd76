import type { RedisServer } from '../support/redis-server.ts';

/** A way in which a primary is replaced. */
export interface Failover {
  readonly why: string;
  readonly injected: string;
  /** Nothing that was confirmed may be missing. Otherwise replication, which is asynchronous, may have been too late. */
  readonly losesNothing?: boolean;
  /** Only where all is tried. */
  readonly isLong?: boolean;
  readonly inject: (primary: RedisServer) => unknown;
  /** How the old primary comes back, if it does. */
  readonly comesBack?: (old: RedisServer) => unknown;
}

const ROUNDS = Number(process.env['MUTT_FAULT_ROUNDS'] ?? 1);

/** Everything is tried. */
export const isThorough = process.env['FAULTS'] === 'full';

/** Each of them as often as is wanted, by `MUTT_FAULT_ROUNDS`. */
export function runsOf(failovers: readonly Failover[]): readonly (Failover & { readonly round: number })[] {
  return failovers
    .filter(({ isLong }) => isThorough || isLong !== true)
    .flatMap((failover) => Array.from({ length: ROUNDS }, (_, n) => ({ ...failover, round: n + 1 })));
}
