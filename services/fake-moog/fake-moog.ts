import { setTimeout as sleep } from 'node:timers/promises';
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { alertSchema } from '../pipeline/event.ts';
import { modeSchema, SLOW_MS } from './mode.ts';
import type { Mode } from './mode.ts';
import { Tally } from './tally.ts';

/** 1,000 alerts of 32 KiB each. */
const BODY_BYTES = 64 * 1024 * 1024;
/** About 150 MB. */
const MOST_IDS = 1_000_000;

const requestSchema = z.object({ alerts: z.array(z.looseObject({ id: z.string() })).min(1) });

export interface FakeMoogOptions {
  readonly random?: () => number;
  /** So many alerts are told apart; beyond that, the oldest are forgotten, and repeats of theirs count as new. */
  readonly maxIds?: number;
}

/**
 * Stands in for Moog in tests and demos: takes alerts, counts them, and is as bad as it is told to be.
 *
 * - `POST /webhook` takes `{ alerts: […] }`. An alert is counted when it is accepted, which is before a late answer.
 * - `GET /stats`, `GET /ids`: what was accepted.
 * - `PUT /mode` changes how it behaves, `GET /mode` tells.
 */
export function fakeMoog({ random = Math.random, maxIds = MOST_IDS }: FakeMoogOptions = {}): FastifyInstance {
  const http = fastify({ bodyLimit: BODY_BYTES, forceCloseConnections: true });
  const tally = new Tally({ maxIds, nowMs: Date.now });
  let mode: Mode = { mode: 'ok' };

  http.get('/stats', () => ({ ...tally.stats, mode: mode.mode }));
  http.get('/ids', () => tally.ids);
  http.get('/mode', () => mode);
  http.put('/mode', (request, reply) => {
    const { success, data, error } = modeSchema.safeParse(request.body);
    if (!success) return reply.code(400).send({ error: z.prettifyError(error) });
    mode = data;
    return reply.send(mode);
  });

  http.post('/webhook', async (request, reply) => {
    tally.requests += 1;
    const { success, data } = requestSchema.safeParse(request.body);
    if (!success) return reply.code(400).send({ error: 'Send { "alerts": […] }, each with an id.' });
    const now = mode;
    const bad = refusal(now, data.alerts, random);
    if (bad === null) tally.count(data.alerts.map(({ id }) => id));
    await sleep(now.delay_ms ?? (now.mode === 'slow' ? SLOW_MS : 0));
    return bad === null ? accept(now, data.alerts.length, reply) : bad(reply);
  });
  return http;
}

type Refusal = (reply: FastifyReply) => FastifyReply;

const REFUSALS: Readonly<Record<Mode['mode'], Refusal | null>> = {
  ok: null,
  slow: null,
  rubbish: null,
  failing: (reply) => reply.code(500).send({ error: 'Moog fails' }),
  busy: (reply) => reply.code(429).header('retry-after', '1').send({ error: 'Too many alerts' }),
  strict: (reply) => reply.code(422).send({ error: 'Not an alert for Moog' }),
  redirect: (reply) => reply.redirect('/elsewhere', 307),
  hanging: (reply) => reply.hijack(),
  reset: (reply) => {
    reply.raw.socket?.resetAndDestroy();
    return reply.hijack();
  },
};

/** How the alerts are not accepted; null: they are. */
function refusal({ mode, fail_rate = 1 }: Mode, alerts: readonly unknown[], random: () => number): Refusal | null {
  if (mode === 'failing' && random() >= fail_rate) return null;
  if (mode === 'strict' && alerts.every(isAcceptable)) return null;
  return REFUSALS[mode];
}

function isAcceptable(alert: unknown): boolean {
  const { success, data } = alertSchema.safeParse(alert);
  return success && !data.event.message.includes('unacceptable');
}

function accept({ mode }: Mode, accepted: number, reply: FastifyReply): FastifyReply {
  if (mode !== 'rubbish') return reply.send({ accepted });
  return reply.type('application/json').send(`<html>${'\0rubbish '.repeat(50_000)}`);
}
