import { expect, it } from 'vitest';
import { fitScreen } from './fit-screen.ts';

const part = (name: string, lines: number): string[] => Array.from({ length: lines }, (_, n) => `${name}${n}`);
const parts = [part('title', 1), part('rate', 2), part('queue', 5), part('setting', 5), part('service', 3)];
const steps = Array.from({ length: 7 }, (_, n) => [`step ${n}`, `  $ command ${n}`, `  effect ${n}`]);
const link = `web UI: http://127.0.0.1:1/${'x'.repeat(70)}`;

it('shows the latest change and its effect in a terminal of 80 by 24, and the whole link', () => {
  const lines = fitScreen({ parts, steps, link }, { columns: 80, rows: 23 });
  expect(lines.at(-1)).toBe('  effect 6');
  expect(lines).toContain(link);
  expect(lines).not.toContain('');
  // The link takes two.
  expect(lines.length + 1).toBeLessThanOrEqual(23);
});

it('has room for air and more changes in a large one, and cuts what is too long', () => {
  const lines = fitScreen({ parts: [...parts, ['y'.repeat(200)]], steps, link }, { columns: 120, rows: 60 });
  expect(lines).toContain('');
  expect(lines).toContain('step 0');
  expect(lines).toContain(`${'y'.repeat(119)}…`);
});
