import { setTimeout as sleep } from 'node:timers/promises';
import { absolute } from './figure.ts';
import type { Bench } from './figure.ts';
import { startBenchServer } from './http-server.ts';
import { openStreams } from './stream-clients.ts';

const CLIENTS = 5_000;
/** The first clients also make the server compile what it runs for them. */
const WARM_UP_CLIENTS = 500;
const SETTLE_MS = 1_000;

/** Resident memory of the server for each event stream that is open and silent. */
export const streamMemoryBench: Bench = {
  names: ['sse_memory'],
  async run() {
    const server = await startBenchServer('ours');
    const first = await openStreams(server.url, WARM_UP_CLIENTS, () => {});
    for (const socket of first) socket.destroy();
    await sleep(SETTLE_MS);
    const before = await server.usage('what is held');
    const sockets = await openStreams(server.url, CLIENTS, () => {});
    await sleep(SETTLE_MS);
    const after = await server.usage('what is held');
    for (const socket of sockets) socket.destroy();
    await server.stop();
    const perClient = (bytes: number): number => bytes / CLIENTS / 1_024;
    const resident = perClient(after.residentBytes - before.residentBytes);
    const held = perClient(after.heldBytes - before.heldBytes);
    // What was resident before and free is used first: then less seems to be taken than is.
    const also = { resident, held_by_javascript: held };
    return [absolute(20, { name: 'sse_memory', unit: 'KiB', ours: Math.max(resident, held), also })];
  },
};
