import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answering, startReceiver } from '../../test/receiver.ts';
import type { Receiver } from '../../test/receiver.ts';
import { WebhookSender } from './webhook-sender.ts';
import type { WebhookSenderOptions } from './webhook-sender.ts';
import type { Outcome } from './webhook.ts';

const SECRET = 'a-secret-of-both';
let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

async function send(
  url: string,
  options: Partial<WebhookSenderOptions> = {},
  stop = new AbortController().signal,
): Promise<Outcome> {
  const sender = new WebhookSender({ allowPrivate: true, now: () => 1_700_000_000_999, ...options });
  return sender.send({ webhookId: 'w1', url, secret: SECRET }, 'd1', '{"größe":1}', stop);
}

describe('a delivery', () => {
  it('is a POST that its receiver can check', async () => {
    expect(await send(receiver.url)).toEqual({ isDelivered: true, responseStatus: 200 });
    const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = receiver.received;
    const signature = createHmac('sha256', SECRET).update(`1700000000.${body}`).digest('hex');
    expect([path, body]).toEqual(['/hook', '{"größe":1}']);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-mutt-webhook-id': 'w1',
      'x-mutt-delivery': 'd1',
      'x-mutt-timestamp': '1700000000',
      'x-mutt-signature': `v1=${signature}`,
    });
  });

  it.each([400, 404, 410, 500, 503])('fails by an answer of %i', async (status) => {
    receiver.answer = answering(status);
    expect(await send(receiver.url)).toMatchObject({ isDelivered: false, responseStatus: status });
  });

  it('does not follow redirects', async () => {
    receiver.answer = answering(307, { location: receiver.url });
    const error = 'The receiver answered 307: redirects are not followed.';
    expect(await send(receiver.url)).toEqual({ isDelivered: false, responseStatus: 307, error });
    expect(receiver.received).toHaveLength(1);
  });

  it('reads no more of an answer than a little', async () => {
    let written = 0;
    receiver.answer = (response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1024);
      const write = (): void => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length;
      };
      response.on('drain', write);
      response.on('error', () => {});
      write();
    };
    expect(await send(receiver.url)).toEqual({ isDelivered: true, responseStatus: 200 });
    // What the kernel's buffers took.
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });

  it.each([
    ['never begins', () => {}],
    [
      'never ends',
      (response: { writeHead(status: number): { write(text: string): unknown } }) =>
        void response.writeHead(200).write('.'),
    ],
  ])('fails in time when its answer %s', async (_, answer) => {
    receiver.answer = answer;
    const error = 'There was no answer within 200 ms.';
    expect(await send(receiver.url, { deadlineMs: 200 })).toEqual({ isDelivered: false, responseStatus: null, error });
  });

  it('fails in time when DNS does not answer', async () => {
    const resolve = (): Promise<never> => new Promise(() => {});
    const outcome = await send('http://receiver.test/', { deadlineMs: 100, resolve });
    expect(outcome).toMatchObject({ error: 'There was no answer within 100 ms.' });
  });

  it('fails when nobody listens, and says so', async () => {
    await receiver.close();
    expect(await send(receiver.url)).toMatchObject({
      isDelivered: false,
      error: expect.stringContaining('ECONNREFUSED') as string,
    });
    receiver = await startReceiver();
  });

  it('says so when no address takes it', async () => {
    await receiver.close();
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    const outcome = await send(`http://receiver.test:${receiver.port}/`, { resolve: async () => addresses });
    expect(outcome).toMatchObject({ error: expect.stringMatching(/ECONNREFUSED.*; .*ECONNREFUSED/) as string });
    receiver = await startReceiver();
  });

  it('fails by an answer that is none', async () => {
    receiver.answer = (response) => void response.writeHead(101, { connection: 'upgrade', upgrade: 'x' }).end();
    expect(await send(receiver.url)).toMatchObject({ isDelivered: false, responseStatus: null });
  });

  it('is broken off at once when told', async () => {
    receiver.answer = () => {};
    const stop = new AbortController();
    const sending = send(receiver.url, {}, stop.signal);
    setTimeout(() => stop.abort(new Error('The server ends.')), 50);
    await expect(sending).rejects.toThrow('The server ends.');
  });
});

describe('a host', () => {
  it('is looked up once, and only what was looked up is connected to', async () => {
    const asked: string[] = [];
    const resolve = async (host: string): Promise<{ address: string; family: number }[]> => {
      asked.push(host);
      return [{ address: '127.0.0.1', family: 4 }];
    };
    // A name that no other resolver knows.
    const outcome = await send(`http://receiver.test:${receiver.port}/hook`, { resolve });
    expect([outcome.isDelivered, asked]).toEqual([true, ['receiver.test']]);
    expect(receiver.received[0]?.headers.host).toBe(`receiver.test:${receiver.port}`);
  });

  it.each([
    ['one that is private', ['10.0.0.1']],
    ['a private one beside a public one', ['8.8.8.8', '::ffff:127.0.0.1']],
    ['the metadata service', ['169.254.169.254']],
  ])('is refused when its addresses are %s', async (_, addresses) => {
    const resolve = async (): Promise<{ address: string; family: number }[]> =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const outcome = await send('https://rebound.test/', { allowPrivate: false, resolve });
    expect(outcome).toMatchObject({
      responseStatus: null,
      error: expect.stringContaining('not a public address') as string,
    });
  });

  it.each(['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '[fd00:ec2::254]'])(
    'is refused when it is the address %s',
    async (host) => {
      const resolve = (): Promise<never> => Promise.reject(new Error('looked up'));
      const url = `https://${host}:${receiver.port}/`;
      expect(await send(url, { allowPrivate: false, resolve })).toMatchObject({
        error: expect.stringContaining('not a public address') as string,
      });
      expect(receiver.received).toEqual([]);
    },
  );

  it('is not spoken to without TLS, unless allowed', async () => {
    expect(await send('http://example.com/', { allowPrivate: false })).toMatchObject({
      error: expect.stringContaining('https://') as string,
    });
  });
});
