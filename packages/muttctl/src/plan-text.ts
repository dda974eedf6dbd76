import { valueText } from './change-text.ts';
import type { Declared } from './declared.ts';
import { colours } from './output.ts';
import { actionOf, type PlannedChange } from './plan.ts';
import { escapeUnsafe, fitTo } from './terminal-text.ts';

const MAX_LINE_WIDTH = 160;
/** Lines that did not change, around those that did. */
const CONTEXT = 2;

/** What would change, key by key, like a diff; values of many lines line by line. */
export function planLines(plan: readonly PlannedChange[], declared: Pick<Declared, 'shown'>): string[] {
  return plan.flatMap((change) => changeLines(change, declared));
}

/** A key that differs between two moments. */
export function changeLines(change: PlannedChange, declared: Pick<Declared, 'shown'>): string[] {
  const { green, red, yellow, dim } = colours(process.stdout);
  const { key } = change;
  const before = declared.shown(key, change.current?.value ?? null);
  const after = declared.shown(key, change.value);
  const action = actionOf(change);
  if (action === 'keep') return [dim(`= ${key}: ${valueText(before, '(not set)')}`)];
  if (action === 'update') {
    if (hasLines(before) || hasLines(after)) return [yellow(`~ ${key}:`), ...lineDiff(before ?? '', after ?? '')];
    return [`${yellow(`~ ${key}:`)} ${red(valueText(before, ''))} → ${green(valueText(after, ''))}`];
  }
  const [mark, colour, value] = action === 'create' ? (['+', green, after] as const) : (['-', red, before] as const);
  if (!hasLines(value)) return [colour(`${mark} ${key}: ${valueText(value, '')}`)];
  return [colour(`${mark} ${key}:`), ...(action === 'create' ? lineDiff('', value) : lineDiff(value, ''))];
}

function hasLines(text: string | null): text is string {
  return text !== null && text.includes('\n');
}

/** From the first line that differs to the last, with a little of what is around. */
function lineDiff(before: string, after: string): string[] {
  const { green, red, dim } = colours(process.stdout);
  const [a, b] = [toLines(before), toLines(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const line = (mark: string) => (text: string) => `    ${mark} ${fitTo(text, MAX_LINE_WIDTH)}`;
  return [
    ...a
      .slice(Math.max(0, start - CONTEXT), start)
      .map(line(' '))
      .map(dim),
    ...a
      .slice(start, a.length - end)
      .map(line('-'))
      .map(red),
    ...b
      .slice(start, b.length - end)
      .map(line('+'))
      .map(green),
    ...a
      .slice(a.length - end, a.length - end + CONTEXT)
      .map(line(' '))
      .map(dim),
  ];
}

function toLines(text: string): string[] {
  return text === '' ? [] : text.split('\n').map(escapeUnsafe);
}
