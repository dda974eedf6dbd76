import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { SyslogFramer } from './syslog-framer.ts';

const LONGEST = 20;

function framesOf(chunks: readonly string[], longest = LONGEST): { frames: string[]; cut: number } {
  const framer = new SyslogFramer({ longest });
  const frames = [...chunks.flatMap((chunk) => framer.push(Buffer.from(chunk))), ...framer.end()];
  return { frames: frames.map(String), cut: framer.cut };
}

describe('SyslogFramer', () => {
  it.each<[what: string, chunks: string[], frames: string[]]>([
    ['lines', ['<1>a\n<2>b\r\n'], ['<1>a', '<2>b\r']],
    ['a line in pieces', ['<1', '>a', 'b\n', 'c\n'], ['<1>ab', 'c']],
    ['the last line without its newline', ['<1>a\n<2>b'], ['<1>a', '<2>b']],
    ['no empty lines', ['\n\n<1>a\n\n'], ['<1>a']],
    ['counted octets, with a newline among them', ['6 <1>a\nb5 <2>cd'], ['<1>a\nb', '<2>cd']],
    ['a count in pieces', ['1', '0', ' ', '<1>abcdefg5 <2>xy'], ['<1>abcdefg', '<2>xy']],
    ['counted octets that never come', ['10 <1>ab'], ['10 <1>ab']],
    ['both, one after the other', ['4 <1>a<2>line\n4 <3>b'], ['<1>a', '<2>line', '<3>b']],
    ['lines that begin with a number', ['42 is no count\n7\n'], ['42 is no count', '7']],
    ['a count beyond all bounds as a line', ['99999999 <1>a\nb\n'], ['99999999 <1>a', 'b']],
  ])('finds %s', (_, chunks, frames) => {
    expect(framesOf(chunks).frames).toEqual(frames);
  });

  it.each<[what: string, chunks: string[]]>([
    ['a line', ['x'.repeat(50) + '\nnext\n']],
    ['a line in pieces', ['x'.repeat(15), 'x'.repeat(15), 'x'.repeat(500), 'x\nnext\n']],
    ['counted octets', [`50 <${'x'.repeat(49)}4 <1>a`]],
    ['counted octets in pieces', [`50 <${'x'.repeat(30)}`, `${'x'.repeat(19)}4 <1>a`]],
  ])('keeps the beginning of %s too long, and what follows', (_, chunks) => {
    const { frames, cut } = framesOf(chunks);
    expect(frames[0]).toHaveLength(LONGEST);
    expect(frames.slice(1)).toEqual([chunks[0]?.includes('<') === true ? '<1>a' : 'next']);
    expect(cut).toBe(1);
  });

  const message = fc.stringMatching(/^<1>[ -~]{0,40}$/);
  const sent = fc.array(fc.record({ message, isCounted: fc.boolean() }), { maxLength: 10 });
  test.prop([sent, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 })])(
    'finds the same messages however the stream is cut into chunks',
    (messages, sizes) => {
      const stream = messages.map(({ message, isCounted }) =>
        isCounted ? `${message.length} ${message}` : `${message}\n`,
      );
      const chunks = inChunks(stream.join(''), sizes);
      expect(framesOf(chunks, 100).frames).toEqual(messages.map(({ message }) => message));
    },
  );

  test.prop([fc.array(fc.uint8Array({ maxLength: 100 }))])('never holds more than the longest message', (chunks) => {
    const framer = new SyslogFramer({ longest: LONGEST });
    for (const chunk of chunks) {
      for (const frame of framer.push(Buffer.from(chunk))) expect(frame.length).toBeLessThanOrEqual(LONGEST);
    }
    for (const frame of framer.end()) expect(frame.length).toBeLessThanOrEqual(LONGEST + '1234567 '.length);
  });
});

function inChunks(text: string, sizes: readonly number[]): string[] {
  const chunks: string[] = [];
  for (let at = 0, i = 0; at < text.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(text.slice(at, at + size));
    at += size;
  }
  return chunks;
}
