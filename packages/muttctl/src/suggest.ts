/** Of more keys than this, none is looked for. */
const MOST = 20_000;

/** What was probably meant: the nearest of the names, where one is near. */
export function nearest(wanted: string, names: Iterable<string>): string | null {
  const most = Math.max(1, Math.min(3, Math.floor(wanted.length / 3)));
  let best: { readonly name: string; readonly distance: number } | null = null;
  let looked = 0;
  for (const name of names) {
    if (++looked > MOST) break;
    if (Math.abs(name.length - wanted.length) > most) continue;
    const distance = editDistance(wanted, name);
    if (distance <= most && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best?.name ?? null;
}

/** How many letters to insert, delete, replace or swap with their neighbour. */
function editDistance(a: string, b: string): number {
  let [beforeLast, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, n) => n)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min((last?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last?.[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforeLast?.[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    [beforeLast, last] = [last ?? [], row];
  }
  return last?.[b.length] ?? Infinity;
}
