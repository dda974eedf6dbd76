import { afterEach, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { ours } from '../../bench/peers/ours.ts';
import { PeerServer } from '../../bench/peers/peer-server.ts';
import { isInstalled } from '../../bench/peers/peer.ts';
import { peers } from '../../bench/peers/peers.ts';
import { peersTable, saysSo } from '../../bench/peers/peers-table.ts';
import { rawClient } from '../../bench/raw-client.ts';
import { replaceSection } from '../../bench/write-section.ts';

let cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  cleanUps = [];
});

describe('a peer of the bench', () => {
  it.each([ours, ...peers].filter(isInstalled).map((peer) => [peer.title, peer] as const))(
    'tells a watcher of a write, and serves it: %s',
    async (_, peer) => {
      const server = await PeerServer.start(peer);
      cleanUps.push(() => server.stop());
      const [writer, reader] = [await peer.connect(server.port), await peer.connect(server.port)];
      cleanUps.push(() => [writer, reader].forEach((one) => one.close()));
      await writer.put('before');
      const told: string[] = [];
      await reader.watch((value) => told.push(value));
      await until('it serves what was there', async () => (await reader.served()) === 'before');
      expect(reader.saysCurrent()).toBe(true);
      await writer.put('after');
      await until('it is told', () => told.includes('after'));
      expect([await reader.served(), await reader.get()]).toEqual(['after', 'after']);
    },
  );
});

describe('a peer on Redis', () => {
  it.each([ours, ...peers].filter(({ redisKey }) => redisKey !== undefined).map((peer) => [peer.title, peer] as const))(
    'keeps the value where a raw SET changes it: %s',
    async (_, peer) => {
      const server = await PeerServer.start(peer);
      cleanUps.push(() => server.stop());
      const raw = await rawClient(`redis://127.0.0.1:${server.port}`);
      cleanUps.push(() => raw.destroy());
      await raw.set(peer.redisKey ?? '', 'raw');
      const reader = await peer.connect(server.port);
      cleanUps.push(() => reader.close());
      expect(await reader.get()).toBe('raw');
    },
  );
});

describe('the table of peers', () => {
  it('says of each what it was seen to do, and leaves out what is not installed', () => {
    const behaviour = { peer: 'guide', fault: 'cut', staleMs: null, missed: true, saysSoMs: 1_500, isSilent: true };
    const table = peersTable({
      figures: [
        { name: 'peer_guide_read', unit: 'ns', ours: 50, floor: 2_500, ratio: 0.02, goal: '≤ 1', met: true, also: {} },
      ],
      behaviours: [
        { ...behaviour, served: 'the last value' },
        { ...behaviour, fault: 'raw', staleMs: 4_200, served: '' },
      ],
      absent: ['etcd'],
    });
    expect(table).toContain(
      "| the guide's algorithm | **never** | **no** | after 1.5 s, then no more | the last value |",
    );
    expect(table).toContain("| the guide's algorithm | 4.2 s | **no** | – | – |");
    expect(table).toMatch(/MUTT, on Redis .* 50 ns/);
    expect(table).toMatch(/the guide's algorithm .* 3 µs/);
    expect(table).toContain('not measured: etcd watch.');
    expect(saysSo({ saysSoMs: null, isSilent: true })).toBe('never');
  });
});

describe('a section that a bench writes', () => {
  it('is replaced, and nothing else of the page', () => {
    const page = 'a\n<!-- peers -->\nold\n<!-- /peers -->\nb';
    expect(replaceSection(page, 'peers', 'new\n')).toBe('a\n<!-- peers -->\n\nnew\n\n<!-- /peers -->\nb');
    expect(() => replaceSection('a', 'peers', 'new')).toThrow('no <!-- peers -->');
  });
});
