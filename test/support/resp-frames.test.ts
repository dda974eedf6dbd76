import { describe, expect, it } from 'vitest';
import { RespFrames, wordsOf } from './resp-frames.ts';

const FRAMES = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':42\r\n',
  '_\r\n',
  '#t\r\n',
  ',1.5\r\n',
  '(12345678901234567890\r\n',
  '$-1\r\n',
  '$0\r\n\r\n',
  '$6\r\na\r\nb\rc\r\n',
  '=6\r\ntxt:ab\r\n',
  '!5\r\nERR x\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*2\r\n$1\r\na\r\n*2\r\n:1\r\n$2\r\n\r\n\r\n',
  '~2\r\n+a\r\n+b\r\n',
  '%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n',
  '|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n',
  '>2\r\n$10\r\ninvalidate\r\n*2\r\n$3\r\nP:a\r\n$3\r\nP:b\r\n',
  '>2\r\n$10\r\ninvalidate\r\n_\r\n',
  '>3\r\n$7\r\nmessage\r\n$9\r\nP@changes\r\n$2\r\nhi\r\n',
  '$4\r\n\u00e4\u00f6\r\n',
];

const texts = (frames: readonly Buffer[]): string[] => frames.map((frame) => frame.toString());

describe('the splitter of RESP frames', () => {
  it('cuts a stream that arrives at once', () => {
    expect(texts(new RespFrames().push(Buffer.from(FRAMES.join(''))))).toEqual(FRAMES);
  });

  it.each([1, 2, 3, 5, 7, 11])('cuts a stream that arrives in pieces of %i bytes', (size) => {
    const stream = Buffer.from(FRAMES.join(''));
    const splitter = new RespFrames();
    const frames: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) frames.push(...splitter.push(stream.subarray(at, at + size)));
    expect(texts(frames)).toEqual(FRAMES);
  });

  it('keeps a frame back until its last byte is there', () => {
    const splitter = new RespFrames();
    expect(splitter.push(Buffer.from('$5\r\nhello\r'))).toEqual([]);
    expect(texts(splitter.push(Buffer.from('\n+next')))).toEqual(['$5\r\nhello\r\n']);
  });
});

describe('the words of a frame', () => {
  it('are its first strings, nested ones too', () => {
    expect(wordsOf(Buffer.from(FRAMES[18] ?? ''), 2)).toEqual(['invalidate', 'P:a']);
    expect(wordsOf(Buffer.from('*2\r\n$3\r\nGET\r\n$1\r\na\r\n'), 9)).toEqual(['GET', 'a']);
    expect(wordsOf(Buffer.from('-ERR no\r\n'), 9)).toEqual(['ERR no']);
  });
});
