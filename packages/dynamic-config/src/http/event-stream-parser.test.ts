import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { EventStreamParser } from './event-stream-parser.ts';
import type { ServerSentEvent } from './event-stream-parser.ts';

const parse = (...pieces: string[]): ServerSentEvent[] => {
  const parser = new EventStreamParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

describe('EventStreamParser', () => {
  it.each([
    ['an event with a type', 'event: commit\ndata: {}\n\n', [{ type: 'commit', data: '{}' }]],
    ['one without', 'data: x\n\n', [{ type: 'message', data: 'x' }]],
    ['data of several lines', 'data: a\ndata: b\n\n', [{ type: 'message', data: 'a\nb' }]],
    [
      'lines that end in CR, or in CRLF',
      'data: a\r\rdata: b\r\n\r\n',
      [
        { type: 'message', data: 'a' },
        { type: 'message', data: 'b' },
      ],
    ],
    [
      'a value without a space before it, and one with two',
      'data:a\ndata:  b\n\n',
      [{ type: 'message', data: 'a\n b' }],
    ],
    ['empty data', 'data\n\n', [{ type: 'message', data: '' }]],
    ['ids, retry hints, comments and unknown fields as nothing', 'id: 1\nretry: 5\n: heartbeat\nx: y\n\n', []],
    ['a type without data as nothing', 'event: commit\n\n', []],
    ['an event whose end is missing as nothing', 'data: x\n', []],
  ])('takes %s', (_, text, events) => {
    // The last CR may be half of a CRLF, so something has to follow.
    expect(parse(text, ':\n')).toEqual(events);
  });

  it('forgets the type of one event for the next', () => {
    expect(parse('event: a\ndata: 1\n\ndata: 2\n\n').map(({ type }) => type)).toEqual(['a', 'message']);
  });

  const line = fc.oneof(
    fc.constantFrom('event: commit', 'data: {"a":1}', 'data:', ': comment', 'id: 1', ''),
    fc.string({ unit: fc.constantFrom('a', ':', ' ', 'é') }),
  );
  const stream = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')))
    .map((lines) => lines.map(([text, end]) => text + end).join(''));

  test.prop([stream, fc.array(fc.nat({ max: 20 }))])('sees the same however the text is cut', (text, sizes) => {
    const pieces: string[] = [];
    let rest = text;
    for (const size of sizes) {
      pieces.push(rest.slice(0, size));
      rest = rest.slice(size);
    }
    expect(parse(...pieces, rest, '\n')).toEqual(parse(`${text}\n`));
  });
});
