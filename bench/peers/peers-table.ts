import { measuredOn } from '../machine.ts';
import { markdownTable } from '../markdown-table.ts';
import type { Figure } from '../figure.ts';
import type { Comparison } from './compare-peers.ts';
import type { Behaviour } from './faults.ts';
import { ours } from './ours.ts';
import { peers } from './peers.ts';

const FAULTS: Readonly<Record<string, string>> = {
  cut: 'connection cut for 6 s, a write meanwhile',
  frozen: 'server frozen for 15 s, a write after',
  emptied: 'server restarted with nothing, a write 7 s later',
  raw: 'nothing; a write by `redis-cli SET`, or another client',
};

/** The comparison as Markdown: how fast, and what happens when something is broken. */
export function peersTable({ figures, behaviours, absent }: Comparison): string {
  const names = [ours.name, ...peers.map(({ name }) => name)].filter((name) => !absent.includes(name));
  const missing = peers.filter(({ name }) => absent.includes(name)).map((peer) => peer.title);
  const speeds = names.map((name) => [
    title(name),
    ...['propagation', 'fanout_100'].map(
      (what) => `${both(figures, name, `${what}_p50`)} / ${both(figures, name, `${what}_p99`)} ms`,
    ),
    readable(valueOf(figures, name, 'read')),
  ]);
  const inFaults = Object.entries(FAULTS).flatMap(([fault, what]) =>
    names.flatMap((name) => {
      const behaviour = behaviours.find((one) => one.peer === name && one.fault === fault);
      return behaviour === undefined ? [] : [[what, title(name), ...cells(behaviour)]];
    }),
  );
  return [
    `Measured ${measuredOn(['redis-server', 'etcd', 'nats-server'])}.`,
    markdownTable(['', 'write until told, p50 / p99', 'until the last of 100 is told', 'a read'], speeds),
    markdownTable(
      ['what is broken', '', 'change served after', 'told of it', 'says that it may be stale', 'reads meanwhile'],
      inFaults,
    ),
    ...(missing.length === 0 ? [] : [`Not installed, so not measured: ${missing.join(', ')}.`]),
  ].join('\n\n');
}

/** Since when a client says that it may be stale, and whether it is to be believed. */
export function saysSo({ saysSoMs, isSilent }: Pick<Behaviour, 'saysSoMs' | 'isSilent'>): string {
  if (saysSoMs === null) return 'never';
  return `after ${seconds(saysSoMs)}${isSilent ? ', then no more' : ''}`;
}

function cells(behaviour: Behaviour): string[] {
  const { fault, staleMs, missed, served } = behaviour;
  const [after, told] = [staleMs === null ? '**never**' : seconds(staleMs), missed ? '**no**' : 'yes'];
  return fault === 'raw' ? [after, told, '–', '–'] : [after, told, saysSo(behaviour), served];
}

function title(name: string): string {
  return [ours, ...peers].find((peer) => peer.name === name)?.title ?? name;
}

/** Of ours, which stands in the figure of any peer, or of a peer. */
function valueOf(figures: readonly Figure[], name: string, what: string): number {
  if (name !== ours.name) return figures.find((figure) => figure.name === `peer_${name}_${what}`)?.floor ?? Number.NaN;
  return figures.find((figure) => figure.name.endsWith(`_${what}`))?.ours ?? Number.NaN;
}

function both(figures: readonly Figure[], name: string, what: string): string {
  const value = valueOf(figures, name, what);
  return value < 10 ? value.toPrecision(2) : value.toFixed(0);
}

function readable(ns: number): string {
  return ns < 1_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1_000).toFixed(0)} µs`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 100 ? 3 : 1)} s`;
}
