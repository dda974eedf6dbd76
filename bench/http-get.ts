import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { atLeast, median } from './figure.ts';
import type { Bench } from './figure.ts';
import { BENCH_KEY, BENCH_REPLY, rawGet, startBenchServer } from './http-server.ts';
import type { BenchServer } from './http-server.ts';

const CONNECTIONS = 32;
const ROUND_MS = 500;
const WARM_UP_ROUNDS = 4;
const PATH = `/api/v1/config/${BENCH_REPLY.key}`;

/** Requests per second for one key, with an API key, against a bare route that answers with the same JSON. */
export const httpGetBench: Bench = {
  names: ['http_get'],
  async run({ quick }) {
    const [ours, bare] = [await startBenchServer('ours'), await startBenchServer('bare')];
    await setKey(ours.url);
    const [ourRounds, floors]: [Round[], Round[]] = [[], []];
    // The first rounds of each also compile what they run.
    for (let round = -WARM_UP_ROUNDS; round < (quick ? 8 : 30); round++) {
      const [floor, our] = [await measure(bare), await measure(ours)];
      if (round < 0) continue;
      floors.push(floor);
      ourRounds.push(our);
    }
    await Promise.all([ours.stop(), bare.stop()]);
    const figure = (rounds: readonly Round[], what: keyof Round): number => median(rounds.map((round) => round[what]));
    const also = { cpu_us: figure(ourRounds, 'cpuUs'), floor_cpu_us: figure(floors, 'cpuUs') };
    const [rate, floor] = [figure(ourRounds, 'perSecond'), figure(floors, 'perSecond')];
    return [atLeast(0.6, { name: 'http_get', unit: '/s', ours: rate, floor, also })];
  },
};

interface Round {
  readonly perSecond: number;
  /** Processor time of the server for each request: it says more where others use the machine, too. */
  readonly cpuUs: number;
}

async function setKey(url: URL): Promise<void> {
  const { ok, status } = await fetch(new URL(PATH, url), {
    method: 'PUT',
    headers: { 'x-api-key': BENCH_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ value: BENCH_REPLY.value }),
  });
  if (!ok) throw new Error(`The key could not be set: ${status}.`);
}

async function measure(server: BenchServer): Promise<Round> {
  const before = await server.usage();
  const { replies, elapsedMs } = await ask(server.url);
  const after = await server.usage();
  return { perSecond: (replies / elapsedMs) * 1_000, cpuUs: (after.cpuUs - before.cpuUs) / replies };
}

/** Asks over some connections at once, over each as soon as it has its reply. */
async function ask(url: URL): Promise<{ replies: number; elapsedMs: number }> {
  const request = rawGet(url, PATH);
  const replyLength = await lengthOfReply(url, request);
  let replies = 0;
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(url)));
  const startedAtMs = performance.now();
  for (const socket of sockets) {
    let received = 0;
    socket.on('data', (bytes) => {
      received += bytes.length;
      if (received < replyLength) return;
      received -= replyLength;
      replies += 1;
      socket.write(request);
    });
    socket.write(request);
  }
  await sleep(ROUND_MS);
  const elapsedMs = performance.now() - startedAtMs;
  for (const socket of sockets) socket.destroy();
  return { replies, elapsedMs };
}

/** All replies have the same length, so that counting bytes is counting replies. */
async function lengthOfReply(url: URL, request: string): Promise<number> {
  const socket = await open(url);
  socket.write(request);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  if (!bytes.toString().startsWith('HTTP/1.1 200')) throw new Error(`The server answered ${bytes.toString()}`);
  return bytes.length;
}

async function open({ hostname, port }: URL): Promise<Socket> {
  const socket = connect(Number(port), hostname).setNoDelay();
  await once(socket, 'connect');
  return socket;
}
