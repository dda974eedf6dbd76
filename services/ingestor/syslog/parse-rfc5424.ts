import type { Header } from './parse-syslog.ts';

/** VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID; lengths more generous than the RFC's, since senders are. */
const HEADER = /1 (\S{1,64}) ([!-~]{1,255}) ([!-~]{1,255}) [!-~]{1,255} [!-~]{1,255} /y;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const NIL = '-';

/**
 * The header of RFC 5424, from behind the priority on; null: it has none.
 *
 * Structured data is parsed past, since an event has no place for it. Where it is malformed it stays in the message, and
 * where there is no message it is the message: nothing that says something gets lost.
 */
export function parseRfc5424(text: string, start: number): Header | null {
  HEADER.lastIndex = start;
  const found = HEADER.exec(text);
  if (found === null) return null;
  const [all, timestamp = NIL, hostname = NIL, appName = NIL] = found;
  const dataStart = start + all.length;
  return {
    ...(TIMESTAMP.test(timestamp) && isTime(timestamp) && { timestamp }),
    ...(hostname !== NIL && { hostname }),
    ...(appName !== NIL && { app_name: appName }),
    end: messageStart(text, dataStart),
  };
}

function messageStart(text: string, dataStart: number): number {
  const dataEnd = skipStructuredData(text, dataStart);
  if (dataEnd === null) return dataStart;
  if (dataEnd + 1 < text.length) return dataEnd + 1;
  return text[dataStart] === NIL ? text.length : dataStart;
}

/** Where the structured data that begins at `start` ends: before a space, or with the text. Null: it is malformed. */
function skipStructuredData(text: string, start: number): number | null {
  let at = start;
  if (text[at] === NIL) at++;
  else {
    while (text[at] === '[') {
      const end = skipElement(text, at + 1);
      if (end === null) return null;
      at = end;
    }
    if (at === start) return null;
  }
  return at === text.length || text[at] === ' ' ? at : null;
}

/** `id name="value" …]`, where `\` keeps a quote, a bracket or itself from meaning anything. */
function skipElement(text: string, start: number): number | null {
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (isQuoted && char === '\\') at++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === ']' && !isQuoted) return at + 1;
  }
  return null;
}

function isTime(timestamp: string): boolean {
  return !Number.isNaN(Date.parse(timestamp));
}
