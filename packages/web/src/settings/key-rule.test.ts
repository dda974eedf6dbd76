import { expect, it } from 'vitest';
import { problemWithKey } from './key-rule.ts';

it.each(['a', 'moog_rate_limit', 'rules/default.json', 'a:b-c.D9', '..', 'updates.x', 'x'.repeat(256)])(
  'Takes the key %s',
  (key) => expect(problemWithKey(key)).toBeNull(),
);

it.each(['', 'a b', 'ü', 'a,b', '<b>', 'updates', 'x'.repeat(257)])('Takes no key %j', (key) =>
  expect(problemWithKey(key)).toMatch(/\.$/),
);
