import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DynamicConfig, MemoryNamespace, MemoryStore } from '@mutt/dynamic-config';
import type { Principal } from '../auth/principal.ts';
import { EventHub } from './event-hub.ts';
import type { StreamOptions } from './event-hub.ts';
import { viewOf } from './event-view.ts';

const ADMIN: Principal = { id: 'admin', name: 'admin', role: 'admin', keyPatterns: null, readsSecrets: true };
const VIEWER: Principal = { ...ADMIN, id: 'viewer', readsSecrets: false };

/** What an open response is to the hub. */
class FakeResponse extends EventEmitter {
  readonly written: (Buffer | string)[] = [];
  writableLength = 0;
  writableEnded = false;
  destroyed = false;

  write(bytes: Buffer | string): void {
    this.written.push(bytes);
  }

  end(text: string): void {
    this.written.push(text);
    this.writableEnded = true;
    this.emit('close');
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }

  /** Type and the interesting part of each event. */
  get told(): string[] {
    return this.written
      .map(String)
      .filter((text) => text.includes('event:'))
      .map((text) => {
        const [, type = ''] = /^event: (.*)$/m.exec(text) ?? [];
        const { changes, entries, keys } = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '') as {
          changes?: { key: string }[];
          entries?: object;
          keys?: string[];
        };
        const named = changes?.map(({ key }) => key) ?? keys ?? Object.keys(entries ?? {});
        return [type, ...named].join(' ');
      });
  }
}

let namespace: MemoryNamespace;
let config: DynamicConfig;
let hub: EventHub;
let secretKeys: Set<string>;
let askSecretKeys: () => Promise<ReadonlySet<string>>;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  namespace = new MemoryNamespace();
  config = await DynamicConfig.connect(new MemoryStore(namespace));
  secretKeys = new Set(['moog_token']);
  askSecretKeys = async () => secretKeys;
  hub = new EventHub({
    config,
    logger: { warn: () => {}, error: () => {} },
    secretKeys: () => askSecretKeys(),
    mostStreams: 3,
    random: () => 0.5,
  });
});
afterEach(async () => {
  hub.close();
  await config.close();
  vi.useRealTimers();
});

function connect(
  principal = ADMIN,
  {
    keys = null,
    isPerson = false,
    ...options
  }: Partial<StreamOptions> & { keys?: string[] | null; isPerson?: boolean } = {},
): FakeResponse {
  const response = new FakeResponse();
  hub.connect(response as unknown as ServerResponse, {
    view: viewOf(principal, { asked: keys, isPerson }),
    ownerId: principal.id,
    listener: { name: principal.name, isPerson, address: '127.0.0.1', userAgent: null },
    lastEventId: null,
    ...options,
  });
  return response;
}

/** When all is told that had to wait. */
async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await Promise.resolve();
}

const idNow = (): string => `${config.head.epoch}:${config.head.revision}`;

describe('a stream', () => {
  it('tells of the changes of the keys that were asked for, and of no others', async () => {
    const some = connect(ADMIN, { keys: ['moog_*', 'batch'] });
    const all = connect();
    await config.commit([
      { key: 'moog_rate', value: '1' },
      { key: 'alerter_mode', value: 'dlq' },
    ]);
    await config.set('alerter_mode', 'defer');
    await config.set('batch', '1');
    expect(some.told).toEqual(['connected', 'commit moog_rate', 'commit batch']);
    expect(all.told).toEqual(['connected', 'commit moog_rate alerter_mode', 'commit alerter_mode', 'commit batch']);
  });

  it('tells of the keys that its owner sees, and of no others, whatever is asked for', async () => {
    const limited = connect({ ...ADMIN, keyPatterns: ['moog_*'] }, { keys: ['*'] });
    await config.set('alerter_mode', 'dlq');
    await config.set('moog_rate', '1');
    namespace.writeRaw('alerter_mode', 'defer');
    await settled();
    expect(limited.told).toEqual(['connected', 'commit moog_rate']);
  });

  it('leaves secrets out for those who may not read them, never masked, as they are declared at that moment', async () => {
    const viewer = connect(VIEWER);
    const admin = connect();
    await settled();
    await config.commit([
      { key: 'moog_token', value: 'hunter2' },
      { key: 'moog_rate', value: '1' },
    ]);
    await settled();
    secretKeys.add('moog_rate');
    await config.set('moog_rate', '2');
    await config.set('batch', '2');
    await settled();
    expect(viewer.told).toEqual(['connected', 'commit moog_rate', 'commit batch']);
    expect(viewer.written.join('')).not.toContain('hunter2');
    expect(admin.told).toHaveLength(4);
  });

  it('of a person tells that a secret changed, and never its value, though they may read it', async () => {
    await config.set('batch', '1');
    const before = idNow();
    const person = connect(ADMIN, { isPerson: true });
    const viewer = connect(VIEWER, { isPerson: true });
    await settled();
    await config.set('moog_token', 'hunter2');
    namespace.writeRaw('moog_token', 'hunter3');
    await settled();
    const back = connect(ADMIN, { isPerson: true, lastEventId: before });
    await settled();
    for (const stream of [person, viewer, back]) {
      expect(stream.told).toEqual(['connected', 'commit moog_token', 'observed moog_token']);
      const text = stream.written.join('');
      expect(text).toContain('"changes":[{"key":"moog_token","masked":true}]');
      expect(text).toContain('"entries":{"moog_token":{"masked":true}}');
      expect(text).not.toContain('hunter');
    }
  });

  it('keeps the order while it is asked what is secret, and tells nothing twice', async () => {
    await config.set('a', '0');
    const id = idNow();
    const answers: ((keys: ReadonlySet<string>) => void)[] = [];
    askSecretKeys = () => new Promise((resolve) => answers.push(resolve));
    const viewer = connect(VIEWER);
    await config.set('b', '1');
    const back = connect(VIEWER, { lastEventId: id });
    await config.set('c', '2');
    for (let n = 0; n < 4; n++) {
      await settled();
      answers.shift()?.(secretKeys);
    }
    await settled();
    // It was told where the namespace stands only now: with all of that.
    expect(viewer.told).toEqual(['connected']);
    expect(back.told).toEqual(['connected', 'commit b', 'commit c']);
    await config.set('d', '3');
    await settled();
    answers.shift()?.(secretKeys);
    await settled();
    expect(viewer.told).toEqual(['connected', 'commit d']);
  });

  it('ends rather than show what may be secret', async () => {
    const viewer = connect(VIEWER);
    const admin = connect();
    await settled();
    askSecretKeys = async () => Promise.reject(new Error('The store is gone.'));
    await config.set('a', '1');
    await settled();
    expect([viewer.destroyed, viewer.told, admin.told]).toEqual([true, ['connected'], ['connected', 'commit a']]);
  });

  it('is told the same bytes as all others with the same view', async () => {
    const [one, two, other] = [connect(), connect({ ...ADMIN, id: 'other' }), connect(ADMIN, { keys: ['a'] })];
    await config.set('a', '1');
    expect(one.written.at(-1)).toBe(two.written.at(-1));
    expect(one.written.at(-1)).not.toBe(other.written.at(-1));
  });

  it('hears something every ten seconds', () => {
    const { written } = connect();
    vi.advanceTimersByTime(20_000);
    expect(written.slice(1).map(String)).toEqual([': heartbeat\n\n', ': heartbeat\n\n']);
  });

  it('is cut when its client does not read', async () => {
    const [slow, quick] = [connect(), connect()];
    slow.writableLength = 1024 * 1024 + 1;
    await config.set('a', '1');
    expect([slow.destroyed, slow.told, quick.told, hub.size, hub.cut]).toEqual([
      true,
      ['connected'],
      ['connected', 'commit a'],
      1,
      1,
    ]);
  });

  it('ends when its owner is let in no more, and nobody else’s does', () => {
    const [theirs, ours] = [connect(VIEWER), connect()];
    hub.closeStreamsOf('viewer');
    expect([theirs.destroyed, ours.destroyed, hub.size]).toEqual([true, false, 1]);
  });

  it('is refused when there are as many as may be, until one ends', () => {
    const first = connect();
    connect();
    connect(ADMIN, { keys: ['a'] });
    expect(() => hub.assertRoom()).toThrow('There are 3 streams already');
    first.destroy();
    expect(() => hub.assertRoom()).not.toThrow();
  });

  it('ends with a hint when to come back', () => {
    const { written, writableEnded } = connect();
    const response = connect();
    hub.close();
    expect([response.writableEnded, response.written.at(-1)]).toEqual([true, 'retry: 3000\n\n']);
    expect(writableEnded).toBe(false);
    expect(written.at(-1)).toBe('retry: 3000\n\n');
    expect(() => hub.assertRoom()).toThrow('closed');
  });
});

describe('a stream that is taken up again', () => {
  it('goes on where it stopped, and then live', async () => {
    await config.set('a', '0');
    await config.set('a', '1');
    const id = idNow();
    await config.set('a', '2');
    namespace.writeRaw('b', 'raw');
    await settled();
    const back = connect(ADMIN, { lastEventId: id });
    await config.set('a', '3');
    expect(back.told).toEqual(['connected', 'commit a', 'observed b', 'commit a']);
    // An id of its own would make it skip the rest, if it were cut in between.
    expect(String(back.written[0])).not.toContain('id:');
  });

  it('is told only what it may see of what it missed', async () => {
    await config.set('a', '0');
    const id = idNow();
    await config.set('moog_token', 'hunter2');
    await config.set('moog_rate', '1');
    await config.set('alerter_mode', '1');
    const back = connect({ ...VIEWER, keyPatterns: ['moog_*'] }, { lastEventId: id });
    await settled();
    expect(back.told).toEqual(['connected', 'commit moog_rate']);
  });

  it('is told to load everything anew when what it missed is not known', async () => {
    await config.set('a', '1');
    for (const lastEventId of ['garbage', 'other:1', `${config.head.epoch}:7`]) {
      const back = connect(ADMIN, { lastEventId });
      expect([lastEventId, back.told]).toEqual([lastEventId, ['connected', 'reset']]);
      expect(String(back.written[1])).toContain(`id: ${idNow()}\n`);
    }
  });

  it('is told no values of a commit that was not to be announced', async () => {
    await config.set('a', '0');
    const id = idNow();
    await hub.hushed('r', () => config.set('a', 'hushed', { requestId: 'r' }));
    const back = connect(ADMIN, { lastEventId: id });
    expect(back.told).toEqual(['connected', 'invalidated a']);
    expect(back.written.join('')).not.toContain('hushed');
  });
});
