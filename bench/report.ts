import type { Figure } from './figure.ts';
import { NOTHING_COMPARED } from './peers/compare-peers.ts';
import type { Comparison } from './peers/compare-peers.ts';
import { saysSo } from './peers/peers-table.ts';

type Compared = Omit<Comparison, 'figures'>;

export function printTable(figures: readonly Figure[], { behaviours, absent }: Compared = NOTHING_COMPARED): void {
  const rows = figures.map(({ name, unit, floor, ours, ratio, goal, met, also }) => [
    name,
    {
      ours: `${round(ours)} ${unit}`,
      floor: floor === null ? '–' : `${round(floor)} ${unit}`,
      ratio: ratio === null ? '–' : round(ratio),
      goal,
      met: met ? 'yes' : 'no',
      also: Object.entries(also)
        .map(([what, value]) => `${what} ${round(value)}`)
        .join(', '),
    },
  ]);
  console.table(Object.fromEntries(rows));
  if (behaviours.length > 0) {
    const inFaults = behaviours.map(({ peer, fault, staleMs, missed, served, ...said }) => [
      `${peer}, ${fault}`,
      { stale_ms: staleMs === null ? '–' : round(staleMs), missed, says_so: saysSo(said), served },
    ]);
    console.table(Object.fromEntries(inFaults));
  }
  for (const peer of absent) console.log(`${peer}: not installed`);
}

export function printJson(figures: readonly Figure[], { behaviours, absent }: Compared = NOTHING_COMPARED): void {
  const measured = figures.map(({ name, ...figure }) => [name, figure] as const);
  const missing = absent.map((peer) => [`peer_${peer}`, 'not installed'] as const);
  const inFaults = behaviours.map(
    ({ peer, fault, staleMs, missed, saysSoMs, isSilent, served }) =>
      [
        `peer_${peer}_${fault}`,
        { stale_ms: staleMs, missed, says_so: saysSo({ saysSoMs, isSilent }), says_so_ms: saysSoMs, served },
      ] as const,
  );
  console.log(JSON.stringify(Object.fromEntries<unknown>([...measured, ...inFaults, ...missing])));
}

function round(value: number): string {
  return value >= 1_000 ? value.toFixed(0) : value.toPrecision(3);
}
