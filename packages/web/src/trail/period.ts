interface Period {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const withYear = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** A period in words, in the time of whoever reads it. */
export function periodWords({ from, to }: Period, nowMs: number): string {
  if (from !== undefined && to !== undefined && Date.parse(to) - Date.parse(from) === 1) return timeWords(from, nowMs);
  if (from !== undefined && to !== undefined) return `${timeWords(from, nowMs)} to ${timeWords(to, nowMs)}`;
  if (from !== undefined) return `Since ${timeWords(from, nowMs)}`;
  if (to !== undefined) return `Before ${timeWords(to, nowMs)}`;
  return 'Any time';
}

function timeWords(time: string, nowMs: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  return (date.getFullYear() === new Date(nowMs).getFullYear() ? short : withYear).format(date);
}

/** A time as `<input type="datetime-local">` has it. */
export function toLocalInput(time: string | undefined): string {
  const ms = Date.parse(time ?? '');
  if (Number.isNaN(ms)) return '';
  const offsetMs = new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offsetMs).toISOString().slice(0, 16);
}

/** undefined: none, or half of one. */
export function fromLocalInput(text: string): string | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
