import { expect, it } from 'vitest';
import { Wait } from './wait.ts';

const AN_HOUR = 3_600_000;

it('a wait ends when somebody wakes it', async () => {
  const wait = new Wait();
  const waited = wait.for(AN_HOUR);
  wait.wake();
  await waited;
});

it('who wakes it too early cuts the next wait short, and only that', async () => {
  const wait = new Wait();
  wait.wake();
  await wait.for(AN_HOUR);
  const ended: string[] = [];
  const waited = wait.for(AN_HOUR).then(() => ended.push('wait'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toEqual([]);
  wait.wake();
  await waited;
});
