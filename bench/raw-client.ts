import { createClient } from '@redis/client';

type RawClient = ReturnType<typeof createRaw>;

/** The driver alone, with the protocol that the library uses: the floor of most measures. */
export async function rawClient(url: string): Promise<RawClient> {
  const client = createRaw(url);
  client.on('error', () => {});
  await client.connect();
  return client;
}

function createRaw(url: string) {
  return createClient({ url, RESP: 3 });
}
