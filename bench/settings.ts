import { DynamicConfig, integer, MemoryStore } from '@mutt/dynamic-config';
import { absolute, median, quantile } from './figure.ts';
import type { Bench, Figure } from './figure.ts';
import { withRedis } from './with-redis.ts';

const SETTINGS = 1_000;
const declared = Object.fromEntries(
  Array.from({ length: SETTINGS }, (_, n) => [
    `limit_${n}`,
    integer({ min: 0, max: 1_000_000, default: n, description: `Limit ${n}` }),
  ]),
);
const service = { name: 'bench', version: '1' };

/** What a thousand declared settings cost: at the start, beside one without any; and when a value is set. */
export const settingsBench: Bench = {
  names: ['settings_connect_1000', 'settings_validation'],
  run: async ({ quick }) => [await connectFigure(quick ? 9 : 25), await validationFigure(quick ? 2_000 : 10_000)],
};

async function connectFigure(rounds: number): Promise<Figure> {
  return withRedis(async ({ url }) => {
    const keeper = await DynamicConfig.connect(url);
    await keeper.commit(Object.keys(declared).map((key, n) => ({ key, value: n + 1 })));
    const [plain, typed]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      plain.push(await timed(() => DynamicConfig.connect(url)));
      typed.push(await timed(() => DynamicConfig.connect(url, { settings: declared, service })));
    }
    await keeper.close();
    const also = { 'without settings': median(plain), 'with settings': median(typed) };
    return absolute(50, { name: 'settings_connect_1000', unit: 'ms', ours: median(typed) - median(plain), also });
  });
}

async function timed(connect: () => Promise<{ close(): Promise<void> }>): Promise<number> {
  const startedAt = performance.now();
  const config = await connect();
  const elapsedMs = performance.now() - startedAt;
  await config.close();
  return elapsedMs;
}

/** From the call of `set` to the refusal of a rule that reads two values: parsed, made canonical, checked, not sent. */
async function validationFigure(samples: number): Promise<Figure> {
  const config = await DynamicConfig.connect(new MemoryStore(), {
    settings: declared,
    service,
    validate: [({ limit_0: low = 0, limit_1: high = 0 }) => (low < high ? [] : ['limit_0 must be below limit_1.'])],
  });
  const times: number[] = [];
  for (let n = 0; n < samples; n += 1) {
    const startedAt = performance.now();
    await config.set('limit_0', 10 + n).catch(() => {});
    times.push(performance.now() - startedAt);
  }
  await config.close();
  const also = { p50: median(times) };
  return absolute(1, { name: 'settings_validation', unit: 'ms', ours: quantile(times, 0.99), also });
}
