import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { Scenario } from '../support/scenario.ts';

const P = 'mutt:config';

let scenario: Scenario;
beforeEach(async () => {
  scenario = await Scenario.start();
});
afterEach(() => scenario[Symbol.asyncDispose]());

const cli = (...args: string[]): Promise<string> => scenario.redis.cli(...args);

describe('a log without its head', () => {
  it.each([
    ['that holds its records', []],
    ['that holds none any more', ['XTRIM', `${P}@log`, 'MAXLEN', '0']],
  ])('%s is gone on with, after the last revision that it ever held', async (_, trim) => {
    const config = await scenario.connect();
    for (const value of ['1', '2', '3']) await config.set('a', value);
    if (trim.length > 0) await cli(...trim);
    await cli('DEL', `${P}@head`);
    expect((await config.set('a', '4')).revision).toBe(4);
    await until('it is seen', () => config.get('a') === '4' && config.head.revision === 4);
  });
});

describe('a head', () => {
  it.each([
    ['with a revision that is no number', ['HSET', `${P}@head`, 'revision', 'abc']],
    ['with a revision too large to count with', ['HSET', `${P}@head`, 'revision', '9007199254740992']],
    ['without a hash', ['HDEL', `${P}@head`, 'hash']],
    ['without an epoch', ['HDEL', `${P}@head`, 'epoch']],
  ])('%s is refused, before anything is written', async (_, damage) => {
    const config = await scenario.connect();
    await config.set('a', '1');
    await cli(...damage);
    const refusal = { code: 'wrong_type', message: expect.stringContaining(`${P}@head`) as string };
    await expect(config.set('a', '2')).rejects.toMatchObject(refusal);
    expect([await cli('GET', `${P}:a`), await cli('XLEN', `${P}@log`)]).toEqual(['1', '1']);
    await expect(scenario.connect()).rejects.toMatchObject(refusal);
    await cli('DEL', `${P}@head`);
    await config.set('a', '3');
    await until('it is seen', () => config.get('a') === '3' && config.status().state === 'live');
  });

  it('that is behind the log is refused as such', async () => {
    const config = await scenario.connect();
    for (const value of ['1', '2', '3']) await config.set('a', value);
    await cli('HSET', `${P}@head`, 'revision', '1');
    await expect(config.set('a', '4')).rejects.toMatchObject({
      code: 'wrong_type',
      message: expect.stringMatching(/@log goes on beyond revision 1,.*Delete mutt:config@head/) as string,
    });
    expect(await cli('GET', `${P}:a`)).toBe('3');
    await cli('DEL', `${P}@head`);
    expect((await config.set('a', '4')).revision).toBe(4);
  });
});

describe('a log with an entry that is no commit', () => {
  it('is named when it is read', async () => {
    const config = await scenario.connect();
    await config.set('a', '1');
    await cli('XADD', `${P}@log`, '2-0', 'some', 'thing');
    const read = async (): Promise<void> => {
      for await (const _ of config.history({ afterRevision: 0 }));
    };
    await expect(read()).rejects.toMatchObject({
      code: 'wrong_type',
      message: expect.stringContaining(`XDEL ${P}@log 2-0`) as string,
    });
  });
});

describe('row 18: bookkeeping of a wrong type', () => {
  it.each(['@head', '@index', '@log', '@keeper'])('is named: %s', async (suffix) => {
    const writer = await scenario.connect();
    await writer.set('a', '1');
    await writer.close();
    await cli('DEL', P + suffix);
    await cli('LPUSH', P + suffix, 'x');
    const error: unknown = await scenario.connect(scenario.redis, { startupTimeoutMs: 2_000 }).catch((e: unknown) => e);
    if (error instanceof DynamicConfig) {
      await until('it is reported', () => scenario.logged.some((line) => line.includes(P + suffix)));
    } else {
      expect(error).toMatchObject({ code: 'wrong_type', message: expect.stringContaining(P + suffix) as string });
    }
  });
});

describe('a peer that answers +OK to everything', () => {
  it.each([true, false])('is refused as no Redis (startWatcher: %s)', async (startWatcher) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        const commands = data.toString().match(/^\*/gm)?.length ?? 0;
        socket.write('+OK\r\n'.repeat(commands));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scenario.defer(() => server.close());
    const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error: unknown = await scenario
      .connect({ url }, { startWatcher, startupTimeoutMs: 1_000 })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ConfigError);
  });
});
