import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigView } from './config-view.ts';
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

function fileOf(entries: Record<string, string>, loss: Loss | null = null, location = 'redis://here'): SnapshotFile {
  const log = (message: string): void => void warnings.push(message);
  return new SnapshotFile({
    path,
    location,
    clock: { now: () => 0, after: (_, task) => (due.push(task), () => (due = due.filter((one) => one !== task))) },
    logger: { warn: log, error: log },
    state: () => ({
      view: new ConfigView(
        head,
        Object.entries(entries).map(([key, value]) => [key, entry(value)]),
        Object.entries(entries),
      ),
      loss,
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

  it('is whole at any time: a write that fails leaves the old one, and is tried again', async () => {
    await write(fileOf({ a: '1' }));
    const file = fileOf({ a: '2' });
    // A folder in the place of the unfinished file makes any write fail, whoever runs this.
    await mkdir(`${path}.${process.pid}.tmp`);
    file.changed();
    due.shift()?.();
    await until('the failure is told', () => warnings.length === 1);
    expect(values(await fileOf({}).read())).toEqual({ a: '1' });
    await rmdir(`${path}.${process.pid}.tmp`);
    await until('another try is planned', () => due.length === 1);
    due.shift()?.();
    await until('it is written', async () => values(await fileOf({}).read())?.['a'] === '2');
    expect(warnings.length).toBe(1);
  });
});
