/** A process with some watchers of each of the peers that are named, as `name:port`: it tells when the last of them was told. */
import { endWithParent, tellParent } from '../bench-process.ts';
import type { Told } from '../listener-process.ts';
import { ours } from './ours.ts';
import { peers } from './peers.ts';

/** More of them only wait for each other. */
const CONNECT_AT_ONCE = 5;

endWithParent();
const [count = '1', ...servers] = process.argv.slice(2);
const tally = new Map<string, number>();
/** What some tell of at once was there before: it is no answer to a write, and to the parent the first word says `ready`. */
let isReady = false;

function tell(id: string): void {
  if (!isReady) return;
  const told = (tally.get(id) ?? 0) + 1;
  tally.set(id, told);
  if (told < Number(count)) return;
  tellParent({ id, atNs: String(process.hrtime.bigint()) } satisfies Told);
  tally.delete(id);
}

for (const server of servers) {
  const [name, port] = server.split(':');
  const peer = [ours, ...peers].find((one) => one.name === name);
  const start = async (): Promise<void> => (await peer?.connect(Number(port)))?.watch(tell);
  for (let started = 0; started < Number(count); started += CONNECT_AT_ONCE) {
    const batch = Math.min(CONNECT_AT_ONCE, Number(count) - started);
    await Promise.all(Array.from({ length: batch }, start));
  }
}
isReady = true;
tellParent('ready');
