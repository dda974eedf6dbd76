import { expect, it } from 'vitest';
import { describeMachine, faultReport } from './fault-report.ts';
import { ROWS } from './rows.ts';
import { SEEDED_BUGS } from './seeded-bugs.ts';

const rows = ROWS.map(({ row }) => ({
  row,
  runs: 2,
  violations: row === 3 ? 1 : 0,
  figures: { healedMs: [1, 4], state: 'live | stale' } as const,
  injected: ['a link (RST)'],
  skipped: row === 22 ? ['row 22: a full tmpfs'] : [],
  failures: row === 3 ? ['row 3: it heals: AssertionError: <b>'] : [],
}));
const bugs = SEEDED_BUGS.map((bug, n) => ({ bug, caughtBy: n === 0 ? null : `row 1: it holds`, why: '' }));
const page = faultReport({
  date: '2026-11-25',
  machine: 'a machine',
  seed: 7,
  minutes: 10,
  tookMinutes: 25,
  rows,
  bugs,
});

it('The page says what was run, where, how to repeat it, and how it ended', () => {
  expect(page).toContain('2026-11-25, a machine; seed 7, 25 minutes');
  expect(page).toContain(
    `**35 rows, 70 tests, 1 violation; ${bugs.length - 1} of ${bugs.length} seeded bugs caught.**`,
  );
  expect(page).toContain('`-- --seed 7`');
  for (const { scenario } of ROWS) expect(page).toContain(scenario.replaceAll('|', '\\|'));
});

it('The page hides neither what failed, nor what was not run, nor what nobody noticed', () => {
  expect(page).toContain('**Not run:** row 22: a full tmpfs');
  expect(page).toContain('**Failed:** row 3: it heals: AssertionError: &lt;b>');
  expect(page).toMatch(new RegExp(`^\\| ${SEEDED_BUGS[0]?.name} .*\\*\\*nobody\\*\\* \\|$`, 'm'));
});

it('Cells end where they should, whatever a figure holds', () => {
  const lines = page.split('\n').filter((line) => /^\| \d+ \|/.test(line));
  expect(lines.map((line) => line.replaceAll('\\|', '').split('|').length)).toEqual(ROWS.map(() => 9));
});

it('A machine is described by what figures depend on', async () => {
  expect(await describeMachine()).toMatch(/^\d+ cores, \d+ GiB, \w+, Node [\d.]+, Redis [\d.]+$/);
});
