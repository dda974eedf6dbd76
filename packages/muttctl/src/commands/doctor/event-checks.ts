import type { Finding } from '@mutt/dynamic-config/redis';
import type { Target } from '../../target.ts';
import { countText, fine, msText, suspect, unknown, wrong } from './finding.ts';
import { answerOf, fetchAs } from './server-answer.ts';

const SAMPLES = 5;
const TIMEOUT_MS = 5_000;
const SLOW_MS = 500;

/** How soon the first event of a stream is here: nothing is written for it, so it is all that can be seen from outside. */
export async function checkEvents(target: Target): Promise<Finding> {
  const times: number[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    const { status, ms } = await firstEvent(target);
    if (status !== 200 && status < 500) return unknown('events', `Events may not be asked for (status ${status}).`);
    if (status !== 200 || ms === null) return unheard(status);
    times.push(ms);
  }
  const middle = times.toSorted((a, b) => a - b)[Math.floor(SAMPLES / 2)] ?? NaN;
  const what = `An event stream has its first event after ${msText(middle)}.`;
  if (middle < SLOW_MS) return fine('events', what);
  return suspect('events', {
    what,
    why: 'Whoever listens here hears of changes at least that late.',
    fix: 'Is the server, or what stands in front of it, under load? See /metrics.',
  });
}

/** ms: null when it did not come. */
async function firstEvent(target: Target): Promise<{ readonly status: number; readonly ms: number | null }> {
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const start = performance.now();
  let status = 0;
  try {
    const response = await fetchAs(target, '/api/v1/events', signal);
    ({ status } = response);
    if (status === 200 && response.body !== null) {
      const decoder = new TextDecoder();
      let text = '';
      for await (const chunk of response.body) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        if (text.includes('event: connected')) return { status, ms: performance.now() - start };
      }
    }
    return { status, ms: null };
  } catch (error) {
    if ((error as Error).name !== 'TimeoutError') throw error;
    return { status, ms: null };
  } finally {
    ending.abort();
  }
}

function unheard(status: number): Finding {
  if (status >= 500) {
    return wrong('events', {
      what: `The server opens no event stream (status ${status}).`,
      why: 'Instances and browsers that listen here learn of changes only by asking, seconds later.',
      fix: 'Does it stop, or has it too many streams? See mutt_sse_clients in /metrics, and its log.',
    });
  }
  return wrong('events', {
    what: `No event arrives within ${TIMEOUT_MS / 1000} s.`,
    why: 'Instances and browsers that listen here learn of changes only by asking, seconds later.',
    fix: 'Something in between holds events back: it must not buffer /api/v1/events, see docs/production.md, "The balancer".',
  });
}

/** What the server itself has measured: from each commit, by the clock of the store, until it served the values. */
export async function checkSetToSeen(target: Target): Promise<Finding> {
  const { text } = await answerOf(target, '/metrics');
  const buckets = [...text.matchAll(/^mutt_propagation_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)].map(
    ([, bound, count]) => ({ boundMs: 1_000 * Number(bound?.replace('+Inf', 'Infinity')), count: Number(count) }),
  );
  const changes = buckets.at(-1)?.count ?? NaN;
  if (Number.isNaN(changes))
    return unknown('set-to-seen', 'How soon the server sees changes is not told with this key.');
  if (changes === 0) return unknown('set-to-seen', 'Nothing was changed since the server started: not measured.');
  const within = (part: number): number => buckets.find(({ count }) => count >= part * changes)?.boundMs ?? Infinity;
  const what = `Of ${countText(changes, 'change set')} since it started, the server served half within ${boundText(within(0.5))} of their commit, and 99 % within ${boundText(within(0.99))}.`;
  if (within(0.5) <= 1_000) return fine('set-to-seen', what);
  return suspect('set-to-seen', {
    what,
    why: 'Everybody who reads here sees old values for that long.',
    fix: 'muttctl doctor --url redis://… tells whether its Redis is slow, or its clock is wrong.',
  });
}

function boundText(ms: number): string {
  if (ms === Infinity) return 'more than a minute';
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
}
