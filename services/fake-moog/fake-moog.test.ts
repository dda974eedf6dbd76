import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { fakeMoog } from './fake-moog.ts';
import { Tally } from './tally.ts';

let moog: FastifyInstance;

beforeEach(() => (moog = fakeMoog({ random: () => 0.4 })));

afterEach(() => moog.close());

const alert = (id: string, message = 'link down') => ({
  id,
  rule: 'r',
  priority: 1,
  handling: 'page',
  team: 'noc',
  environment: 'prod',
  event: { id, timestamp: '2026-01-01T00:00:00Z', message, hostname: 'h' },
});

async function send(...alerts: object[]): Promise<number> {
  return (await moog.inject({ method: 'POST', url: '/webhook', payload: { alerts } })).statusCode;
}

async function setMode(payload: object): Promise<number> {
  return (await moog.inject({ method: 'PUT', url: '/mode', payload })).statusCode;
}

it('counts alerts by id, those that came again apart', async () => {
  expect(await send(alert('a'), alert('b'))).toBe(200);
  expect(await send(alert('b'))).toBe(200);
  const { per_second, ...stats } = (await moog.inject('/stats')).json<{ per_second: number[] }>();
  expect(stats).toEqual({ received: 3, unique: 2, duplicates: 1, requests: 2, mode: 'ok' });
  expect([per_second.length, per_second.reduce((sum, one) => sum + one)]).toEqual([60, 3]);
  expect((await moog.inject('/ids')).json()).toEqual({ ids: ['a', 'b'], repeats: { b: 2 } });
});

it.each([
  ['slow', { mode: 'slow', delay_ms: 1 }, 200],
  ['failing', { mode: 'failing' }, 500],
  ['failing now and then, and not now', { mode: 'failing', fail_rate: 0.4 }, 200],
  ['busy', { mode: 'busy' }, 429],
  ['a redirect', { mode: 'redirect' }, 307],
  ['rubbish', { mode: 'rubbish' }, 200],
  ['strict with what is no alert', { mode: 'strict' }, 422],
])('can be %s, and counts what it accepts', async (_, mode, status) => {
  expect(await setMode(mode)).toBe(200);
  expect(await send({ id: 'a' })).toBe(status);
  expect((await moog.inject('/stats')).json()).toMatchObject({ received: status === 200 ? 1 : 0, requests: 1 });
});

it('strict takes an alert, and none that is unacceptable', async () => {
  await setMode({ mode: 'strict' });
  expect(await send(alert('a'))).toBe(200);
  expect(await send(alert('b', 'this is unacceptable'))).toBe(422);
});

it.each([{}, { mode: 'kind' }, { mode: 'failing', fail_rate: 2 }])('knows no mode %j', async (mode) => {
  expect(await setMode(mode)).toBe(400);
  expect((await moog.inject('/mode')).json()).toEqual({ mode: 'ok' });
});

it('what is no request for it is refused', async () => {
  expect(await send()).toBe(400);
  expect(await send({ name: 'no id' })).toBe(400);
});

it('of more alerts than it can remember, the oldest are forgotten', () => {
  const tally = new Tally({ maxIds: 2, nowMs: () => 0 });
  tally.count(['a', 'b', 'c', 'a']);
  expect(tally.ids.ids).toEqual(['c', 'a']);
  expect(tally.stats).toMatchObject({ received: 4, duplicates: 0 });
});

it('tells what came in each of the last sixty seconds', () => {
  let nowMs = 5_000;
  const tally = new Tally({ maxIds: 9, nowMs: () => nowMs });
  tally.count(['a']);
  nowMs += 58_000;
  tally.count(['b', 'c']);
  expect(tally.stats.per_second).toEqual([0, 1, ...Array.from({ length: 57 }, () => 0), 2]);
  nowMs += 3_000;
  expect(tally.stats.per_second).toEqual([...Array.from({ length: 56 }, () => 0), 2, 0, 0, 0]);
});
