import type { Finding } from '@mutt/dynamic-config/redis';
import type { Target } from '../../target.ts';
import { fine, msText, suspect, unknown, wrong } from './finding.ts';
import { answerOf, sentence } from './server-answer.ts';
import type { Answer } from './server-answer.ts';

const SAMPLES = 10;
const SLOW_MS = 100;
/** The header Date counts seconds. */
const SKEW_MS = 2_500;

/** What `/readyz` says: of the store, of an alarm, and of the parts that the server can do without for a while. */
export function checkReadiness({ status, body }: Answer): Finding[] {
  if (status !== 200) {
    return [
      wrong('ready', {
        what: sentence(body['error']) ?? `The server says that it is not ready (status ${status}).`,
        why: 'It serves what it has in memory, and takes no changes.',
        fix: 'See its log; is its Redis, or its PostgreSQL, well? muttctl doctor --url redis://…',
      }),
      ...downParts(body['details']),
    ];
  }
  return [
    body['state'] === 'polling'
      ? suspect('ready', {
          what: 'The server polls its store instead of being told of changes.',
          why: 'What others write is seen seconds later.',
          fix: 'muttctl doctor --url redis://… tells why.',
        })
      : fine('ready', 'The server is proven current.'),
    ...alarm(body['alarm']),
    ...downParts(body),
  ];
}

function alarm(code: unknown): Finding[] {
  if (code === undefined) return [];
  return [
    wrong('alarm', {
      what: `The server raises an alarm: ${sentence(code) ?? 'of a kind that is not known here'}.`,
      why: 'The store came back empty; the values are only in memory.',
      fix: 'muttctl restore, or, if it was emptied on purpose, muttctl restore --accept-loss',
    }),
  ];
}

/** Parts that are told elsewhere: the store by the status, the trail by the overview, with what waits for it. */
const TOLD_ELSEWHERE = ['store', 'audit'];

function downParts(told: unknown): Finding[] {
  const { components = {} } = (told ?? {}) as { components?: Record<string, { status?: string; message?: string }> };
  return Object.entries(components)
    .filter(([name, { status }]) => status !== 'up' && !TOLD_ELSEWHERE.includes(name))
    .map(([name, { message }]) =>
      wrong(name, {
        what: message ?? `A part of the server is down: ${name}.`,
        why:
          name === 'database'
            ? 'The audit trail, history, undo, sign-in and changes of API keys do not work.'
            : 'The server does without it, for a while.',
        fix:
          name === 'database'
            ? 'Is the PostgreSQL of DATABASE_URL, or the disk of the data folder, well?'
            : 'The log of the server has the reason.',
      }),
    );
}

export async function checkAccess(target: Target): Promise<Finding> {
  const { status, body } = await answerOf(target, '/api/v1/head');
  if (status === 200) return fine('access', 'The API key is accepted.');
  if (status >= 500) return unknown('access', 'Not looked at: the server is not ready.');
  return wrong('access', {
    what: sentence(body['error']) ?? `The API key is refused (status ${status}).`,
    why: 'Nothing can be read or changed with it.',
    fix: 'muttctl login, or export MUTT_API_KEY=…; a new one: npm start -- --new-api-key',
  });
}

export function checkClock({ dateMs }: Answer): Finding {
  const skew = dateMs - Date.now();
  if (Number.isNaN(skew)) return unknown('clock', 'The server does not tell its time.');
  if (Math.abs(skew) < SKEW_MS) return fine('clock', 'The clocks of the server and of this machine agree.');
  return suspect('clock', {
    what: `The clock of the server is ${(Math.abs(skew) / 1000).toFixed(0)} s ${skew > 0 ? 'ahead of' : 'behind'} this machine's.`,
    why: 'Times in its log and here do not match.',
    fix: 'Run an NTP client on both machines.',
  });
}

export async function checkLatency(target: Target): Promise<Finding> {
  const trips: number[] = [];
  for (let n = 0; n < SAMPLES; n++) trips.push((await answerOf(target, '/healthz')).ms);
  const middle = trips.toSorted((a, b) => a - b)[Math.floor(SAMPLES / 2)] ?? NaN;
  const what = `A request takes ${msText(middle)}.`;
  if (middle < SLOW_MS) return fine('latency', what);
  return suspect('latency', {
    what,
    why: 'Every change takes at least that long.',
    fix: 'Is the server, or the machine, under load? See /metrics.',
  });
}
