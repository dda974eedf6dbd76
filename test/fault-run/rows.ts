/** A fault that must be survived. Tests say which one they are of in their names: `row 4: …`. */
export interface Row {
  readonly row: number;
  readonly scenario: string;
  /** PX a proxy of the test's own, STOP SIGSTOP, K9 kill -9, CLI a command of Redis, FULL a full disk, CODE in the test. */
  readonly inject: string;
  /** The invariants, by their letters (see `INVARIANTS`), or in words. */
  readonly asserts: string;
}

export const INVARIANTS: Readonly<Record<string, string>> = {
  V: 'only written values are served',
  M: "an instance's revision is monotone within an epoch",
  T: 'no change set is seen torn',
  C: 'after healing, each instance serves what the store holds, within the bound',
  H: '`status()` stops saying `live` within the bound',
  U: 'a read never throws and never blocks',
  A: 'what was committed has exactly one audit record, and nothing else has',
  N: 'the final value reaches the callbacks',
};

const row = (row: number, scenario: string, inject: string, asserts: string): Row => ({
  row,
  scenario,
  inject,
  asserts,
});

export const ROWS: readonly Row[] = [
  row(1, 'steady writes, 50 instances', 'CODE', 'V M T C N'),
  row(2, '1000 connection resets in traffic', 'PX', 'V M T C N A U'),
  row(3, 'a half-open link, either way', 'PX', 'H U C'),
  row(4, 'Redis, or the server, frozen for 1 to 30 s', 'STOP', 'U H C T A'),
  row(5, 'an instance frozen while more than 32 MB queue up for it', 'STOP', 'C, memory of Redis bounded'),
  row(6, 'every nth push dropped; both push paths dropped', 'PX', 'C within the bound, V M T'),
  row(7, 'pushes duplicated and reordered', 'PX', 'V M N T C'),
  row(8, "a read's reply delayed past an invalidation", 'PX', 'C V M T'),
  row(9, 'Redis restarted with AOF', 'K9', 'A C'),
  row(10, 'Redis restarted empty; FLUSHALL', 'K9 CLI', 'values kept, alarm, restore brings all back'),
  row(
    11,
    'a restart to an older RDB; a failover that loses writes and reuses revisions',
    'K9 STOP CLI',
    'C by value, V T',
  ),
  row(12, 'an instance left on the old primary', 'STOP CLI', 'H C'),
  row(13, 'READONLY, LOADING, full resync, BUSY, MISCONF, OOM, CLIENT PAUSE WRITE', 'CLI', 'U, nothing partial'),
  row(
    14,
    'NOAUTH, NOPERM, the user deleted, maxclients reached, a key revoked',
    'CLI',
    'H C, no flood of logs or connects',
  ),
  row(15, 'SCRIPT FLUSH', 'CLI', 'C, no errors'),
  row(16, "a commit's reply swallowed, then retried", 'PX', 'applied once, A C'),
  row(17, '32 writers racing on compare-and-set', 'CODE', 'linearizable per key, C'),
  row(18, 'a wrong type under `P@…` or `P:`', 'CLI', 'others keep working, a clear error'),
  row(19, 'RENAME, SWAPDB, EXPIRE, eviction, raw SET and DEL with and without PUBLISH', 'CLI', 'C, found and recorded'),
  row(20, 'a legacy peer dies between SET and PUBLISH', 'K9', 'C A'),
  row(21, 'the audit writer killed at every step', 'K9', 'A'),
  row(22, 'PostgreSQL down, slow, restarted; the disk full', 'PX STOP K9 FULL', 'A after healing, commits go on'),
  row(23, 'the log trimmed or deleted behind our back', 'CLI', 'a recorded gap and an alarm'),
  row(24, 'two servers drain one log', 'CODE', 'one chain that never forks, A'),
  row(25, 'audit rows edited, deleted, reordered, cut off at the end', 'CODE', '`audit verify` names the row'),
  row(26, 'the embedded server killed in the middle of commits', 'K9', 'A C'),
  row(27, 'a second process on the embedded folder', 'CODE', 'refused with a clear error'),
  row(28, 'callbacks that throw, hang, call `set`, unregister themselves', 'CODE', 'others delivered, C N'),
  row(29, 'a start with Redis down: with a good, a truncated, no snapshot file', 'CODE', 'H, as documented'),
  row(
    30,
    '1000 event streams, a slow one, `Last-Event-ID` beyond the window, access revoked',
    'CODE',
    'resumed or `reset`',
  ),
  row(31, 'hostile keys and values', 'CODE', 'round trip, or a clear refusal'),
  row(32, 'markup in the UI, formulas in CSV, newlines and secrets in logs and errors', 'CODE', 'inert, masked'),
  row(33, 'cross-site requests, forged Origin and Host, guessing, spoofed X-Forwarded-For', 'CODE', '401, 403 or 429'),
  row(34, 'the wall clock jumps an hour, of instances and of Redis', 'CODE', 'order by revision, M C'),
  row(35, 'all that loses no history, at random, seeded', 'PX STOP K9 CLI', 'V M T C A N U, memory steady'),
];
