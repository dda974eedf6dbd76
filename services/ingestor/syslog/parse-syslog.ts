import { parseRfc3164 } from './parse-rfc3164.ts';
import { parseRfc5424 } from './parse-rfc5424.ts';

/** What a syslog message says of itself. What it doesn't say is left out. */
export interface SyslogMessage {
  readonly message: string;
  /** ISO 8601. */
  readonly timestamp?: string;
  readonly hostname?: string;
  readonly app_name?: string;
  readonly severity?: number;
  readonly facility?: number;
}

/** What stands before the message: what of it was understood, and where the message begins. */
export interface Header extends Omit<SyslogMessage, 'message'> {
  readonly end: number;
}

const PRIORITY = /^<(\d{1,3})>/;
const MAX_PRIORITY = 191;
/** Some senders begin the message with it, as RFC 5424 asks for. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Reads a message of either form, RFC 5424 or 3164, or of none: whatever is not understood stays in the message, down to
 * all of it. It never fails, and takes time in proportion to the length.
 */
export function parseSyslog(received: string, now: Date): SyslogMessage {
  const text = withoutTrailer(received);
  const { end: start, ...priority } = readPriority(text);
  const header = (start > 0 ? parseRfc5424(text, start) : null) ?? parseRfc3164(text, start, now);
  const { end, ...said } = header;
  const from = text.startsWith(BYTE_ORDER_MARK, end) ? end + 1 : end;
  // A header alone is all that there is to tell.
  return { ...priority, ...said, message: text.slice(from) || text };
}

function readPriority(text: string): Header {
  const found = PRIORITY.exec(text);
  const priority = Number(found?.[1]);
  if (found === null || priority > MAX_PRIORITY) return { end: 0 };
  return { facility: priority >> 3, severity: priority & 7, end: found[0].length };
}

/** Line ends and NULs, by which senders mark where a message ends. A regular expression would take quadratic time. */
function withoutTrailer(text: string): string {
  let end = text.length;
  while (end > 0 && '\r\n\0'.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
