/** A process that is told of each value by the last of its event streams, and of raw messages by its subscribers. */
import type { Told } from './listener-process.ts';
import { endWithParent, tellParent } from './bench-process.ts';
import { rawClient } from './raw-client.ts';
import { openStreams } from './stream-clients.ts';

const VALUE = /"value":"(set-[^"]+)"/g;

endWithParent();
const [, , url = '', redisUrl = '', count = '1'] = process.argv;
const clients = Number(count);
const tally = new Map<string, number>();

function tell(id: string): void {
  const told = (tally.get(id) ?? 0) + 1;
  tally.set(id, told);
  if (told < clients) return;
  tellParent({ id, atNs: String(process.hrtime.bigint()) } satisfies Told);
  tally.delete(id);
}

for (let n = 0; n < clients; n++) await (await rawClient(redisUrl)).subscribe('bench-raw', tell);
await openStreams(new URL(url), clients, (text) => {
  for (const [, id = ''] of text.matchAll(VALUE)) tell(id);
});
tellParent('ready');
