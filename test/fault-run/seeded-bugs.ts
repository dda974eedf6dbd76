/** A mistake that somebody could make, as a replacement of text in one source file. The rows named must notice it. */
export interface SeededBug {
  readonly name: string;
  readonly what: string;
  readonly file: string;
  /** Found there once, exactly. */
  readonly find: string;
  readonly replace: string;
  readonly rows: readonly number[];
  /** A part of the name of the test that is enough. Left out: all of these rows. */
  readonly test?: string;
}

const LIBRARY = 'packages/dynamic-config/src';
const SERVER = 'packages/server/src';

export const SEEDED_BUGS: readonly SeededBug[] = [
  {
    name: 'compares-revisions-only',
    what: 'two histories that reached the same revision are taken for one',
    file: `${LIBRARY}/store.ts`,
    find: 'return a.epoch === b.epoch && a.revision === b.revision && a.hash === b.hash;',
    replace: 'return a.epoch === b.epoch && a.revision === b.revision;',
    rows: [11],
    test: 'is noticed by its hash',
  },
  {
    name: 'tracks-only-at-first',
    what: 'tracking is not turned on again on a reconnect',
    file: `${LIBRARY}/redis/redis-watch.ts`,
    find: 'trackedPrefix: this.#tracks ? entryPrefix : null,',
    replace: 'trackedPrefix: this.#tracks && this.#failures === 0 ? entryPrefix : null,',
    rows: [2],
    test: 'leave no instance deaf',
  },
  {
    name: 'ignores-null-invalidation',
    what: 'the invalidation of everything (FLUSHALL, a full resync) is ignored',
    file: `${LIBRARY}/redis/feed.ts`,
    find: "if (redisKeys === null) return this.#listener({ type: 'invalidated', keys: null, explained: false });",
    replace: 'if (redisKeys === null) return;',
    rows: [19],
    test: 'by FLUSHALL is told at once',
  },
  {
    name: 'sends-again-on-error',
    what: 'a commit whose outcome is unknown is sent again by itself',
    file: `${LIBRARY}/redis/redis-store.ts`,
    find: '      if (!isElsewhere(error)) throw error;\n      return this.#understood(runCommit',
    replace:
      "      if ((error as Error).name !== 'OutcomeUnknownError') throw error;\n      return this.#understood(runCommit",
    rows: [16],
    test: 'is not sent again by itself',
  },
  {
    name: 'forgets-request-ids',
    what: 'a retried request is applied again',
    file: `${LIBRARY}/redis/commit-script.ts`,
    find: '    requestId: options.requestId,\n    ifRevision',
    replace: '    requestId: randomUUID(),\n    ifRevision',
    rows: [16],
    test: 'has an unknown outcome',
  },
  {
    name: 'ignores-if-revision',
    what: 'compare-and-set does not compare',
    file: `${LIBRARY}/redis/commit-script.ts`,
    find: "const expected = ifRevision === null ? '' : String(ifRevision);",
    replace: "const expected = ifRevision === null ? '' : '';",
    rows: [17],
  },
  {
    name: 'waits-for-ever',
    what: 'a connection that does not answer is not given up',
    file: `${LIBRARY}/redis/session.ts`,
    find: 'this.#deadline = new Deadline(options.timeoutMs, (what)',
    replace: 'this.#deadline = new Deadline(3_600_000, (what)',
    rows: [3],
    test: 'for good is given up for a new one, though',
  },
  {
    name: 'does-not-fence-replies',
    what: "a read's reply overwrites what was pushed after Redis made it",
    file: `${LIBRARY}/replica/replica.ts`,
    find: 'entries: new Map([...reading.entries].filter(([key]) => !touched.has(key))),',
    replace: 'entries: reading.entries,',
    rows: [8],
    test: 'never brings an old value back',
  },
  {
    name: 'takes-loss-for-deletions',
    what: 'what an emptied store does not hold is taken for deleted',
    file: `${LIBRARY}/replica/replica.ts`,
    find: "return epoch === '' ? head.epoch === '' && entries.size === 0 : head.epoch !== epoch;",
    replace: "return epoch === '' && head.epoch === '' && entries.size < 0;",
    rows: [10],
    test: 'changes no value, calls no callback',
  },
  {
    name: 'tears-change-sets',
    what: 'a change set becomes visible key by key',
    file: `${LIBRARY}/replica/replica.ts`,
    find: '      if (value !== previousValue)\n        changes.push(',
    replace: '      if (changes.length > 0) continue;\n      if (value !== previousValue)\n        changes.push(',
    rows: [1],
  },
  {
    name: 'calls-back-too-early',
    what: 'listeners are called before what they read is swapped',
    file: `${LIBRARY}/dynamic-config.ts`,
    find: '    this.#all = null;\n    if (changes.some(',
    replace: '    queueMicrotask(() => (this.#all = null));\n    if (changes.some(',
    rows: [1],
  },
  {
    name: 'drops-the-last-call',
    what: 'a change that comes while a callback is busy is never delivered',
    file: `${LIBRARY}/replica/callbacks.ts`,
    find: 'if (waiting === undefined) queueMicrotask(() => void this.#run(change.key));',
    replace:
      'if (waiting === undefined) queueMicrotask(() => void this.#run(change.key));\n    else this.#lanes.set(change.key, waiting);',
    rows: [28],
  },
  {
    name: 'is-live-too-early',
    what: 'an instance calls itself live before what it missed is loaded',
    file: `${LIBRARY}/watcher.ts`,
    find: '        this.#isSynced = false;\n        this.#unproven = null;',
    replace: '        this.#isSynced = this.#provenAtMs !== null;\n        this.#unproven = null;',
    rows: [2],
    test: 'let no instance call itself live',
  },
  {
    name: 'never-grows-stale',
    what: 'how old the last proof is does not count',
    file: `${LIBRARY}/watcher.ts`,
    find: "if (!this.#isSynced || this.ageMs > this.#options.cacheTtlMs) return 'stale';",
    replace: "if (!this.#isSynced) return 'stale';",
    rows: [4],
    test: 'Redis frozen',
  },
  {
    name: 'writes-snapshots-in-place',
    what: 'the snapshot file is overwritten instead of replaced',
    file: `${LIBRARY}/replaced-file.ts`,
    find: '      await writeNew(this.#unfinished, write);\n      await rename(this.#unfinished, this.#path);',
    replace: '      await writeNew(this.#path, write);',
    rows: [29],
    test: 'is whole at every moment',
  },
  {
    name: 'trims-by-length',
    what: 'the log is trimmed without regard for what an audit trail has yet to read',
    file: `${LIBRARY}/redis/trim-log.ts`,
    find: 'const most = Math.min(newest - keep.commits + 1, unread);',
    replace: 'const most = Math.min(newest - keep.commits + 1, Math.max(unread, newest));',
    rows: [22],
    test: 'a log that is trimmed',
  },
  {
    name: 'acknowledges-too-early',
    what: 'the log is released before the records are committed',
    file: `${SERVER}/audit/audit-feed.ts`,
    find: '      await this.#hold(trailId, log.revision);\n',
    replace: '      await this.#hold(trailId, (await store.head()).revision);\n',
    rows: [22],
    test: 'a log that is trimmed',
  },
  {
    name: 'records-without-transaction',
    what: 'records, and where the trail stands, are written one after the other',
    file: `${SERVER}/audit/audit-trail.ts`,
    find: '      db.transaction().execute(async (transaction) => {\n        const head',
    replace:
      '      ((task: (all: Transaction<Tables>) => Promise<readonly Gap[] | null>) => task(db as never))(async (transaction) => {\n        const head',
    rows: [21],
    test: 'PostgreSQL',
  },
  {
    name: 'keeps-gaps-to-itself',
    what: 'what was missing from the log is not recorded',
    file: `${SERVER}/audit/audit-trail.ts`,
    find: 'if (!follows(log, commit)) addGap(gapBefore(log, commit), commit.changedAtMs);',
    replace: '',
    rows: [23],
  },
  {
    name: 'verifies-numbers-only',
    what: 'records are counted, and not hashed, when the trail is verified',
    file: `${SERVER}/audit/audit-verify.ts`,
    find: 'if (hashOf(record) !== hash) return altered(id);',
    replace: '',
    rows: [25],
  },
];
