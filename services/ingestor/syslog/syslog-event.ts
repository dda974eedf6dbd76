import { randomUUID } from 'node:crypto';
import { MAX_MESSAGE_BYTES } from '../../pipeline/event.ts';
import type { Event } from '../../pipeline/event.ts';
import { parseSyslog } from './parse-syslog.ts';

export interface SyslogOrigin {
  readonly source: 'syslog_udp' | 'syslog_tcp';
  /** The address that it came from: the name of a host that does not say its own. */
  readonly sender: string;
  readonly receivedAt: Date;
}

/** IPv4, as a socket for both families shows it. */
const MAPPED = /^::ffff:(?=\d+\.)/;

/** A message as an event, whatever it looks like; null where there is nothing in it. */
export function syslogEvent(received: Buffer, { source, sender, receivedAt }: SyslogOrigin): Event | null {
  // What is no UTF-8 becomes U+FFFD.
  const { message, ...said } = parseSyslog(received.toString(), receivedAt);
  if (message === '') return null;
  const id = randomUUID();
  const at = receivedAt.toISOString();
  const defaults = { timestamp: at, hostname: sender.replace(MAPPED, '') || 'unknown' };
  const kept = firstBytes(message, MAX_MESSAGE_BYTES);
  return { id, ...defaults, ...said, message: kept, source, correlation_id: id, received_at: at };
}

/** As many whole characters as fit. */
function firstBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(bytes)).read);
}
