import { expect, it } from 'vitest';
import { initialFiles, MOST_INITIAL_BYTES } from '../../packages/web/scripts/size.mjs';

it('The settings need at most 220 kB of compressed JavaScript', () => {
  const files = initialFiles();
  expect(files.length).toBeGreaterThan(1);
  expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(MOST_INITIAL_BYTES);
});
