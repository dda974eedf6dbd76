import { stripVTControlCharacters } from 'node:util';

interface Screen {
  /** What is always there, each part a few lines. */
  readonly parts: readonly (readonly string[])[];
  /** What is there as far as there is room, the latest last: that one always. */
  readonly steps: readonly (readonly string[])[];
  /** Longer than a line, it goes on in the next: a link that is cut leads nowhere. */
  readonly link: string;
}

/** As many lines as a terminal of this size shows, none of them cut off by its edge. */
export function fitScreen(
  { parts, steps, link }: Screen,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string[] {
  const linkRows = Math.ceil(link.length / columns);
  const airy = parts.flatMap((part) => [...part, '']);
  const latest = steps.at(-1)?.length ?? 0;
  const lines = airy.length + linkRows + latest <= rows ? airy : parts.flat();
  let room = rows - lines.length - linkRows;
  const shown: string[] = [];
  for (const step of steps.toReversed()) {
    if (step.length > room) break;
    room -= step.length;
    shown.unshift(...step);
  }
  const cut = [...lines, ...shown].slice(0, rows - linkRows).map((line) => cutAt(line, columns));
  return [link, ...cut];
}

function cutAt(line: string, columns: number): string {
  const text = stripVTControlCharacters(line);
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : line;
}
