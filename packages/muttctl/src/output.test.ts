import { afterEach, expect, it, vi } from 'vitest';
import { colours, outputWidth } from './output.ts';

afterEach(() => vi.unstubAllEnvs());

it.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a terminal that must not have any', { isTTY: true }, { FORCE_COLOR: '0' }, false],
  ['a pipe', { isTTY: false }, {}, false],
  ['a pipe that must', { isTTY: false }, { FORCE_COLOR: '1' }, true],
])('colours for %s', (_, stream, env: Record<string, string>, areExpected) => {
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'TERM']) vi.stubEnv(name, env[name] ?? '');
  expect(colours(stream as NodeJS.WriteStream).red('x') !== 'x').toBe(areExpected);
});

it('a terminal that says that it has 0 columns does not know how many it has', () => {
  expect([80, 0].map((columns) => outputWidth({ columns }))).toEqual([80, Infinity]);
});
