import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Loss } from './replica/replica.ts';
import { SnapshotFile } from './snapshot-file.ts';
import type { SavedState } from './snapshot-file.ts';
import type { Entry } from './store.ts';
import { until } from './testing/index.ts';

let folder: string;
let path: string;
let warnings: string[];
let due: (() => void)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mutt-snapshot-'));
  path = join(folder, 'snapshot');
  warnings = [];
  due = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const head = { epoch: 'e', revision: 7, hash: 'h' };
const entry = (value: string): Entry => ({ value, revision: 7, changedAtMs: 1, changedBy: 'alice' });

function fileOf(
  entries: Record<string, string>,
  loss: Loss | null = null,
  location = 'redis://here',
  beforeLast = (): void => {},
): SnapshotFile {
  const log = (message: string): void => void warnings.push(message);
  const stored = Object.entries(entries).map(([key, value]) => [key, entry(value)] as const);
  return new SnapshotFile({
    path,
    location,
    clock: { now: () => 0, after: (_, task) => (due.push(task), () => (due = due.filter((one) => one !== task))) },
    logger: { warn: log, error: log },
    state: () => ({
      head,
      size: stored.length,
      entries: (function* () {
        for (const [n, one] of stored.entries()) {
          if (n === stored.length - 1) beforeLast();
          yield one;
        }
      })(),
      loss,
      lastGood: new Map([['limit', '20']]),
    }),
  });
}

async function write(file: SnapshotFile): Promise<void> {
  file.changed();
  await file.close();
}

function values(saved: SavedState | null): Record<string, string> | null {
  return saved && Object.fromEntries([...saved.entries].map(([key, { value }]) => [key, value]));
}

describe('a snapshot file', () => {
  it('holds what is served of keys whose entries are refused', async () => {
    await write(fileOf({ limit: 'many' }));
    expect((await fileOf({}).read())?.lastGood).toEqual(new Map([['limit', '20']]));
  });

  it('returns what was written, to the byte', async () => {
    const kept = { __proto__: 'x', lines: 'a\n\r\n"b"\u2028', nul: '\0', emoji: '👩‍🚀' };
    Object.defineProperty(kept, '__proto__', { value: 'x', enumerable: true });
    await write(fileOf(kept, { head, keys: new Set(['lines']) }));
    const saved = await fileOf({}).read();
    expect(values(saved)).toEqual(kept);
    expect(saved?.head).toEqual(head);
    expect(saved?.loss).toEqual({ head, keys: new Set(['lines']) });
    expect(saved?.entries.get('emoji')).toEqual(entry('👩‍🚀'));
    expect(warnings).toEqual([]);
  });

  it('holds many entries', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, n) => [`key_${n}`, String(n)]));
    await write(fileOf(many));
    expect(values(await fileOf({}).read())).toEqual(many);
  });

  it('is for the eyes of its owner only, and leaves nothing beside it', async () => {
    await write(fileOf({ a: '1' }));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['snapshot']);
  });

  it('is nothing to worry about while there is none', async () => {
    expect([await fileOf({}).read(), warnings]).toEqual([null, []]);
  });

  it.each([
    ['cut off in the middle', async () => truncate(path, (await stat(path)).size - 70), 'damaged or cut off'],
    ['cut off at the end', async () => truncate(path, (await stat(path)).size - 1), 'damaged or cut off'],
    [
      'cut off by a line',
      async () => writeFile(path, (await readFile(path, 'utf8')).replace(/\n[^\n]*\n$/, '\n')),
      'damaged',
    ],
    [
      'changed in one byte',
      async () => writeFile(path, (await readFile(path, 'utf8')).replace('"1"', '"2"')),
      'damaged',
    ],
    ['empty', async () => truncate(path, 0), 'not a snapshot file'],
    ['something else', async () => writeFile(path, '{"a":1}\n'), 'not a snapshot file'],
    [
      'a folder',
      async () => {
        await rm(path);
        await mkdir(path);
      },
      'cannot be read',
    ],
  ])('is refused with a warning when it is %s', async (_, spoil, why) => {
    await write(fileOf({ a: '1', b: '2' }));
    await spoil();
    expect(await fileOf({}).read()).toBeNull();
    expect(warnings).toEqual([expect.stringContaining(why)]);
  });

  it('is refused with a warning when it is of another place', async () => {
    await write(fileOf({ a: '1' }));
    expect(await fileOf({}, null, 'redis://there').read()).toBeNull();
    expect(warnings).toEqual([expect.stringContaining('it is of redis://here, not of redis://there')]);
  });

  it('is written once for many changes, and not at all without one', async () => {
    const file = fileOf({ a: '1' });
    await file.close();
    expect(await readdir(folder)).toEqual([]);
    for (let n = 0; n < 10; n++) file.changed();
    expect(due.length).toBe(1);
    due.shift()?.();
    await until('it is written', async () => (await readdir(folder)).includes('snapshot'));
    await file.close();
  });

  it('is whole at any time: a write that fails leaves the old one and nothing beside it, and is tried again', async () => {
    await write(fileOf({ a: '1' }));
    const entries = { a: '2', b: '2' };
    let isFailing = true;
    const file = fileOf(entries, null, 'redis://here', () => {
      if (isFailing) throw new Error('no more room');
    });
    file.changed();
    due.shift()?.();
    await until('another try is planned', () => due.length === 1);
    expect(warnings).toEqual([expect.stringContaining('no more room')]);
    expect(values(await fileOf({}).read())).toEqual({ a: '1' });
    expect(await readdir(folder)).toEqual(['snapshot']);
    isFailing = false;
    due.shift()?.();
    await until('it is written', async () => values(await fileOf({}).read())?.['a'] === '2');
    expect(warnings.length).toBe(1);
  });

  it('may be written by several instances at once: one of theirs is there, and whole', async () => {
    const many = (value: string) => Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`key_${n}`, value]));
    await Promise.all(['1', '2', '3'].map((value) => write(fileOf(many(value)))));
    const { key_0: value = '' } = values(await fileOf({}).read()) ?? {};
    expect(['1', '2', '3']).toContain(value);
    expect(values(await fileOf({}).read())).toEqual(many(value));
    expect([await readdir(folder), warnings]).toEqual([['snapshot'], []]);
  });

  it('sweeps away, at the next start, what a crash left beside it; nothing that may still be written, or is not its own', async () => {
    const leftover = 'snapshot.0123456789abcdef.tmp';
    const others = ['other.0123456789abcdef.tmp', 'snapshot.backup.tmp', 'snapshot.fedcba9876543210.tmp'];
    for (const name of [leftover, ...others]) {
      await writeFile(join(folder, name), '');
      const twoHoursAgo = new Date(Date.now() - 2 * 3_600_000);
      if (name !== 'snapshot.fedcba9876543210.tmp') await utimes(join(folder, name), twoHoursAgo, twoHoursAgo);
    }
    await fileOf({}).read();
    expect([(await readdir(folder)).toSorted(), warnings]).toEqual([others, []]);
  });
});
