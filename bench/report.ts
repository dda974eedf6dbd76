import type { Figure } from './figure.ts';

export function printTable(figures: readonly Figure[], absent: readonly string[]): void {
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
  for (const peer of absent) console.log(`${peer}: not installed`);
}

export function printJson(figures: readonly Figure[], absent: readonly string[]): void {
  const measured = figures.map(({ name, ...figure }) => [name, figure] as const);
  const missing = absent.map((peer) => [`peer_${peer}`, 'not installed'] as const);
  console.log(JSON.stringify(Object.fromEntries<unknown>([...measured, ...missing])));
}

function round(value: number): string {
  return value >= 1_000 ? value.toFixed(0) : value.toPrecision(3);
}
