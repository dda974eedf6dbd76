/** One figure beside its floor, both measured in this run. */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly floor: number;
  readonly ours: number;
  /** The ratio ours / floor that is aimed at. */
  readonly goal: number;
}

export function printTable(measurements: readonly Measurement[]): void {
  const rows = measurements.map(({ name, unit, floor, ours, goal }) => ({
    measure: name,
    floor: `${floor.toFixed(2)} ${unit}`,
    ours: `${ours.toFixed(2)} ${unit}`,
    ratio: (ours / floor).toFixed(2),
    goal: `≤ ${goal}`,
  }));
  console.table(Object.fromEntries(rows.map(({ measure, ...row }) => [measure, row])));
}

export function printJson(measurements: readonly Measurement[]): void {
  const figures = measurements.map(({ name, unit, floor, ours, goal }) => [
    name,
    { ratio: ours / floor, floor, ours, unit, goal },
  ]);
  console.log(JSON.stringify(Object.fromEntries(figures)));
}
