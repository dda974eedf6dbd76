import { isIP } from 'node:net';
import type { Header } from './parse-syslog.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** `Oct  1 22:14:15 `, with a year or fractions of a second from some senders. */
const TIMESTAMP = /([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(\.\d{1,6})?:? /y;
/** What rsyslog and others send instead. */
const ISO_TIMESTAMP = /(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d) /y;
const HOSTNAME = /([!-~]{1,255}) /y;
/** `sshd[4711]: `; the process id is not kept. */
const TAG = /([\w./@-]{1,48})(?:\[[^\]\s]{0,32}\])?: ?/y;

/**
 * The header of RFC 3164, from behind the priority on, or as much of it as is there: the RFC describes what was seen in
 * the wild, and more has been since. Without a timestamp, all is message.
 */
export function parseRfc3164(text: string, start: number, now: Date): Header {
  const time = readTimestamp(text, start, now);
  if (time === null) return { end: start };
  const host = readHostname(text, time.end);
  const tag = match(TAG, text, host.end);
  return {
    ...(time.timestamp !== null && { timestamp: time.timestamp }),
    ...(host.hostname !== null && { hostname: host.hostname }),
    ...(tag?.[1] !== undefined && { app_name: tag[1] }),
    end: host.end + (tag?.[0].length ?? 0),
  };
}

function readTimestamp(text: string, start: number, now: Date): { timestamp: string | null; end: number } | null {
  const iso = match(ISO_TIMESTAMP, text, start);
  if (iso !== null) {
    const timestamp = iso[0].trimEnd();
    return Number.isNaN(Date.parse(timestamp)) ? null : { timestamp, end: start + iso[0].length };
  }
  const found = match(TIMESTAMP, text, start);
  if (found === null) return null;
  const [all, month = '', day, year, hours, minutes, seconds, fraction = ''] = found;
  const numbers = [MONTHS.indexOf(month), Number(day), Number(hours), Number(minutes), Number(seconds)] as const;
  const thisYear = now.getUTCFullYear();
  const years = year === undefined ? [thisYear - 1, thisYear, thisYear + 1] : [Number(year)];
  const times = years.map((each) => toTime(each, ...numbers, Number(`0${fraction}`))).filter((time) => time !== null);
  return { timestamp: nearest(times, now.getTime()), end: start + all.length };
}

/** In UTC, since the form has no time zone. Null where there is no such time in that year. */
function toTime(
  year: number,
  month: number,
  day: number,
  hours: number,
  minutes: number,
  seconds: number,
  fraction: number,
): number | null {
  const date = new Date(Date.UTC(year, month, day, hours, minutes, seconds, Math.trunc(fraction * 1_000)));
  const isReal = date.getUTCMonth() === month && date.getUTCDate() === day && date.getUTCHours() === hours;
  return isReal && minutes < 60 && seconds < 60 ? date.getTime() : null;
}

/** The form has no year: in January, December was last year; and a clock that is ahead may be in the next one. */
function nearest(times: readonly number[], now: number): string | null {
  const [first] = times.toSorted((a, b) => Math.abs(a - now) - Math.abs(b - now));
  return first === undefined ? null : new Date(first).toISOString();
}

/** The next word, unless it is a tag already: some senders leave their name out. */
function readHostname(text: string, start: number): { hostname: string | null; end: number } {
  const found = match(HOSTNAME, text, start);
  const word = found?.[1];
  if (word === undefined || isTag(word)) return { hostname: null, end: start };
  return { hostname: word, end: start + word.length + 1 };
}

function isTag(word: string): boolean {
  if (isIP(word) !== 0) return false;
  return word.endsWith(':') || word.endsWith(']:') || word.includes('[');
}

/** Of an expression that is sticky: what it finds right at `start`. */
function match(expression: RegExp, text: string, start: number): RegExpExecArray | null {
  expression.lastIndex = start;
  return expression.exec(text);
}
