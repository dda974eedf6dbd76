import type { Logger } from 'pino';
import { MAX_MESSAGE_BYTES } from '../../pipeline/event.ts';
import type { Event } from '../../pipeline/event.ts';
import type { IngestorMetrics } from '../ingestor-metrics.ts';
import type { Intake } from '../intake.ts';
import type { Options } from '../options.ts';
import { EventBuffer } from './event-buffer.ts';
import { listenTcp } from './listen-tcp.ts';
import { listenUdp } from './listen-udp.ts';
import { syslogEvent } from './syslog-event.ts';

interface SyslogOptions {
  readonly options: Options;
  readonly intake: Intake;
  readonly metrics: IngestorMetrics;
  readonly logger: Logger;
}

const DRAIN_MS = 10_000;

/** Listens for syslog where it is asked to. Resolves with the way to stop: when it is done, all that came is in the queue. */
export async function startSyslog(given: SyslogOptions): Promise<() => Promise<void>> {
  const { syslogUdpPort, syslogTcpPort } = given.options;
  const stops: (() => Promise<void>)[] = [];
  if (syslogUdpPort !== null) stops.push(await startUdp(given, syslogUdpPort));
  if (syslogTcpPort !== null) stops.push(await startTcp(given, syslogTcpPort));
  return async () => void (await Promise.all(stops.map((stop) => stop())));
}

/** Nobody who sends datagrams can be slowed down: what there is no room for is dropped, and counted. */
async function startUdp(given: SyslogOptions, port: number): Promise<() => Promise<void>> {
  const { options, metrics, logger } = given;
  const buffer = openBuffer(given, 'syslog_udp');
  const stop = await listenUdp({
    host: options.host,
    port,
    onMessage(message, sender) {
      if (message.length > MAX_MESSAGE_BYTES) metrics.syslogCut.inc({ transport: 'udp' });
      const event = syslogEvent(message, { source: 'syslog_udp', sender, receivedAt: new Date() });
      if (event === null || buffer.add(JSON.stringify(event))) return;
      metrics.syslogDropped.inc({ transport: 'udp', reason: 'buffer_full' });
    },
    onError: (error) => logger.error({ err: error }, 'syslog over UDP failed'),
  });
  logger.info({ port }, 'syslog over UDP');
  return drained(given, 'syslog_udp', buffer, stop);
}

/** Whoever sends by TCP waits: a connection is not read from while there is no room. */
async function startTcp(given: SyslogOptions, port: number): Promise<() => Promise<void>> {
  const { options, metrics, logger } = given;
  const buffer = openBuffer(given, 'syslog_tcp');
  const stop = await listenTcp({
    host: options.host,
    port,
    longest: MAX_MESSAGE_BYTES,
    async onMessage(message, sender) {
      const event = syslogEvent(message, { source: 'syslog_tcp', sender, receivedAt: new Date() });
      if (event !== null) await buffer.addInTime(JSON.stringify(event));
    },
    onCut: (messages) => metrics.syslogCut.inc({ transport: 'tcp' }, messages),
    onTurnedAway: () => metrics.syslogDropped.inc({ transport: 'tcp', reason: 'too_many_connections' }),
    onError: (error) => logger.error({ err: error }, 'syslog over TCP failed'),
  });
  logger.info({ port }, 'syslog over TCP');
  return drained(given, 'syslog_tcp', buffer, stop);
}

function openBuffer({ intake, metrics, logger }: SyslogOptions, source: Event['source']): EventBuffer {
  const buffer = new EventBuffer({
    intake,
    logger: logger.child({ source }),
    onTaken: (events) => metrics.accepted.inc({ source }, events),
  });
  metrics.waiting(source, () => buffer.length);
  return buffer;
}

/** First nothing new is taken, then what is here goes to the queue; without end it is not tried, since we are to end. */
function drained(
  { logger }: SyslogOptions,
  source: Event['source'],
  buffer: EventBuffer,
  stop: () => Promise<void>,
): () => Promise<void> {
  return async () => {
    const timer = setTimeout(() => buffer.giveUp(), DRAIN_MS);
    await stop();
    const lost = await buffer.drain();
    clearTimeout(timer);
    if (lost > 0) logger.error({ source, lost }, 'syslog events are lost: the queue did not take them in time');
  };
}
