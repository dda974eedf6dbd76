import { expect, it } from 'vitest';
import type { Head } from '@mutt/dynamic-config';
import { checkHistory } from './check-history.ts';
import type { HistoryEvent, Pair } from './history.ts';

const PAIRS: readonly Pair[] = [['left', 'right']];
const NOTHING: Head = { epoch: '', revision: 0, hash: '' };

const at = (revision: number, epoch = 'e'): Head => ({ epoch, revision, hash: `h${revision}` });
const both = (value: string) => ['left', 'right'].map((key) => ({ key, value }));

const attempted = (key: string, value: string | null): HistoryEvent => ({ is: 'attempted', key, value });
const stepped = (from: Head, head: Head, changes: readonly { key: string; value: string | null }[]): HistoryEvent => ({
  is: 'stepped',
  instance: 'one',
  previousHead: from,
  head,
  changes,
  atMs: 0,
});
const called = (key: string, value: string | null): HistoryEvent => ({ is: 'called', instance: 'one', key, value });
const committed = (
  revision: number,
  changes: readonly { key: string; value: string | null }[],
  requestId: string | null = `r${revision}`,
): HistoryEvent => ({
  is: 'committed',
  head: at(revision),
  previousHash: revision === 1 ? '' : `h${revision - 1}`,
  requestId,
  changes,
});
const recorded = (revision: number, key: string, value: string | null): HistoryEvent => ({
  is: 'recorded',
  head: at(revision),
  key,
  value,
});

/** Two pairs are committed, one of them to be replaced by compare-and-set; then a key is written past us, and deleted. */
const GOOD: readonly HistoryEvent[] = [
  ...['1', '2'].flatMap((value) => both(value).map(({ key }) => attempted(key, value))),
  attempted('raw', 'x'),
  { is: 'began', instance: 'one', head: NOTHING, values: {} },
  stepped(NOTHING, at(1), both('1')),
  { is: 'acknowledged', requestId: 'r1', revision: 1, hash: 'h1' },
  called('left', '1'),
  stepped(at(1), at(1), [{ key: 'raw', value: 'x' }]),
  stepped(at(1), at(3), both('2')),
  { is: 'acknowledged', requestId: 'r3', revision: 3, expected: { key: 'left', revision: 1 } },
  stepped(at(3), at(4), [{ key: 'raw', value: null }]),
  called('left', '2'),
  called('right', '2'),
  called('raw', null),
  // Never heard of again, and so it serves what it did.
  { is: 'began', instance: 'another', head: at(1), values: { left: '1', right: '1' } },
  { is: 'killed', instance: 'another' },
  committed(1, both('1')),
  committed(2, [{ key: 'raw', value: 'x' }], null),
  committed(3, both('2')),
  committed(4, [{ key: 'raw', value: null }], null),
  recorded(1, 'left', '1'),
  recorded(1, 'right', '1'),
  recorded(2, 'raw', 'x'),
  recorded(3, 'left', '2'),
  recorded(3, 'right', '2'),
  recorded(4, 'raw', null),
  { is: 'stored', values: { left: '2', right: '2' } },
];

/** The good one, with some events replaced by others: those for which `change` returns something. */
function spoiled(change: (event: HistoryEvent) => readonly HistoryEvent[] | undefined): HistoryEvent[] {
  return GOOD.flatMap((event) => change(event) ?? [event]);
}

it('Nothing is wrong with a good history, whole or as far as it was recorded', () => {
  expect(checkHistory(GOOD, { pairs: PAIRS })).toEqual([]);
  expect(checkHistory([], { pairs: PAIRS })).toEqual([]);
  for (let length = 1; length < 14; length++) expect(checkHistory(GOOD.slice(0, length), { pairs: PAIRS })).toEqual([]);
});

it('A new epoch may begin its revisions anew', () => {
  const history = GOOD.slice(0, 7).concat(stepped(at(1), at(0, 'f'), []), stepped(at(0, 'f'), at(1, 'f'), both('2')));
  expect(checkHistory(history, { pairs: PAIRS })).toEqual([]);
});

const isStep = (event: HistoryEvent, revision: number): boolean =>
  event.is === 'stepped' && event.head.revision === revision && event.previousHead.revision !== revision;

it.each<[name: string, found: string, history: readonly HistoryEvent[]]>([
  [
    'a value that nobody wrote',
    'V: one served raw=y, which nobody wrote',
    [...GOOD.slice(0, 9), stepped(at(1), at(1), [{ key: 'raw', value: 'y' }])],
  ],
  [
    'a value that was there at the start, and that nobody wrote',
    'V: two served left=0, which nobody wrote',
    [...GOOD.slice(0, 5), { is: 'began', instance: 'two', head: at(1), values: { left: '0', right: '1' } }],
  ],
  [
    'a revision that goes back',
    'M: one went back from e:3:h3 to e:2:h2',
    [...GOOD.slice(0, 12), stepped(at(3), at(2), [])],
  ],
  [
    'a step from where it was not',
    'M: one was at e:1:h1, and stepped from e:2:h2',
    spoiled((event) => (isStep(event, 3) ? [stepped(at(2), at(3), both('2'))] : undefined)),
  ],
  [
    'half of a change set',
    'T: one served left=2 with right=1, at 3',
    spoiled((event) =>
      isStep(event, 3)
        ? [stepped(at(1), at(3), both('2').slice(0, 1)), stepped(at(3), at(3), both('2').slice(1))]
        : undefined,
    ),
  ],
  [
    'half of one, as a reader found it',
    'T: two finds left=2 with right=1',
    [...GOOD, { is: 'misread', instance: 'two', invariant: 'T', what: 'finds left=2 with right=1' }],
  ],
  [
    'a read that failed',
    'U: two could not read: TypeError',
    [...GOOD, { is: 'misread', instance: 'two', invariant: 'U', what: 'could not read: TypeError' }],
  ],
  [
    'a value that the store does not hold',
    'C: one serves right=2 in the end, and the store holds undefined',
    spoiled((event) => (event.is === 'stored' ? [{ is: 'stored', values: { left: '2' } }] : undefined)),
  ],
  [
    'a value that it lacks',
    'C: one serves __proto__=undefined in the end, and the store holds 1',
    spoiled((event) =>
      event.is === 'stored'
        ? [{ is: 'stored', values: JSON.parse('{"left":"2","right":"2","__proto__":"1"}') as Record<string, string> }]
        : undefined,
    ),
  ],
  [
    'a callback that was not told of the last value',
    'N: one told its callbacks left=1 last, and serves 2',
    spoiled((event) => (event.is === 'called' && event.key === 'left' && event.value === '2' ? [] : undefined)),
  ],
  [
    'a callback that was never told',
    'N: one told its callbacks raw=undefined last, and serves null',
    spoiled((event) => (event.is === 'called' && event.key === 'raw' ? [] : undefined)),
  ],
  [
    'an acknowledged commit that is lost',
    'A: r9 was acknowledged as revision 4, and is lost',
    [...GOOD, { is: 'acknowledged', requestId: 'r9', revision: 4 }],
  ],
  [
    'a commit that is elsewhere than was said',
    'A: r3 was acknowledged as revision 2, and is e:3:h3',
    spoiled((event) =>
      event.is === 'acknowledged' && event.requestId === 'r3' ? [{ ...event, revision: 2 }] : undefined,
    ),
  ],
  [
    'a request that was applied twice',
    'A: r3 was applied 2 times',
    spoiled((event) =>
      event.is === 'committed' && event.head.revision === 4 ? [{ ...event, requestId: 'r3' }] : undefined,
    ),
  ],
  [
    'a commit that is missing from the log',
    'A: e:3:h3 does not follow e:1:h1 in the log',
    spoiled((event) => (event.is === 'committed' && event.head.revision === 2 ? [] : undefined)),
  ],
  [
    'a change without a record',
    'A: e:2:h2 raw=x has 0 records',
    spoiled((event) => (event.is === 'recorded' && event.head.revision === 2 ? [] : undefined)),
  ],
  [
    'a change with two records',
    'A: e:2:h2 raw=x has 2 records',
    spoiled((event) => (event.is === 'recorded' && event.head.revision === 2 ? [event, event] : undefined)),
  ],
  [
    'a record without a change',
    'A: e:5:h5 raw=z is recorded, and was never committed',
    [...GOOD, recorded(5, 'raw', 'z')],
  ],
  [
    'a compare-and-set that replaced something else',
    'L: r3 replaced revision 1 of left, and had named 0',
    spoiled((event) =>
      event.is === 'acknowledged' && event.requestId === 'r3'
        ? [{ ...event, expected: { key: 'left', revision: 0 } }]
        : undefined,
    ),
  ],
])('Finds %s', (_, found, history) => {
  const violations = checkHistory(history, { pairs: PAIRS });
  expect(violations).toContain(found);
  // And nothing is found that what a run does not promise.
  expect(checkHistory(history, { pairs: PAIRS, except: found[0] ?? '' })).not.toContain(found);
});
