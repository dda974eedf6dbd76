import { describe, expect, it } from 'vitest';
import { maskSecrets } from './secrets.ts';

describe('maskSecrets', () => {
  it.each([
    ['redis://me:secret@host:6379/0', 'redis://***@host:6379/0'],
    ['rediss://:p@ss@host', 'rediss://***@host'],
    ['redis://:pa/ss@host', 'redis://***@host'],
    ['connect http://u:p@a and http://u:p@b', 'connect http://***@a and http://***@b'],
    ['Watching redis://:se kret@host; Ctrl-C', 'Watching redis://***@host; Ctrl-C'],
    ['no secret: redis://host:6379', 'no secret: redis://host:6379'],
  ])('%s', (text, masked) => {
    expect(maskSecrets(text, undefined)).toBe(masked);
  });

  it('masks the API key wherever it stands', () => {
    expect(maskSecrets('the key mutt_123 is wrong: mutt_123', 'mutt_123')).toBe('the key *** is wrong: ***');
  });
});
