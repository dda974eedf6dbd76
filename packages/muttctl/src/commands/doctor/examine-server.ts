import type { Finding } from '@mutt/dynamic-config/redis';
import type { Target } from '../../target.ts';

const TIMEOUT_MS = 5_000;
const SAMPLES = 10;
const SLOW_MS = 100;
/** The header Date counts seconds. */
const SKEW_MS = 2_500;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly dateMs: number;
  readonly ms: number;
}

/** Looks for what keeps a server, or what it relies on, from doing its work. */
export async function examineServer(target: Target): Promise<readonly Finding[]> {
  let health: Answer;
  try {
    health = await get(target, '/healthz');
  } catch (error) {
    return [unreachable(target, error)];
  }
  const reach: Finding =
    health.status === 200
      ? fine('reach', `The server answers at ${target.location}.`)
      : wrong('reach', {
          what: `Something at ${target.location} answers with status ${health.status}, and is no server of ours.`,
          why: 'Nothing can be asked of it.',
          fix: 'Check the URL, and what stands in front of it.',
        });
  if (health.status !== 200) return [reach];
  const ready = await get(target, '/readyz');
  return [reach, ...readiness(ready), await access(target), clock(health), await latency(target), await audit(target)];
}

function readiness({ status, body }: Answer): Finding[] {
  if (status !== 200) {
    return [
      wrong('ready', {
        what: sentence(body['error']) ?? `The server says that it is not ready (status ${status}).`,
        why: 'It serves what it has in memory, and takes no changes.',
        fix: 'See its log; is its Redis, or its PostgreSQL, well? muttctl doctor --url redis://…',
      }),
    ];
  }
  const alarm: Finding[] =
    body['alarm'] === undefined
      ? []
      : [
          wrong('alarm', {
            what: `The server raises an alarm: ${sentence(body['alarm']) ?? 'of a kind that is not known here'}.`,
            why: 'The store came back empty; the values are only in memory.',
            fix: 'muttctl restore, or, if it was emptied on purpose, muttctl restore --accept-loss',
          }),
        ];
  if (body['state'] !== 'polling') return [fine('ready', 'The server is proven current.'), ...alarm];
  return [
    {
      check: 'ready',
      severity: 'warning',
      what: 'The server polls its store instead of being told of changes.',
      why: 'What others write is seen seconds later.',
      fix: 'muttctl doctor --url redis://… tells why.',
    },
    ...alarm,
  ];
}

async function access(target: Target): Promise<Finding> {
  const { status, body } = await get(target, '/api/v1/head');
  if (status === 200) return fine('access', 'The API key is accepted.');
  if (status >= 500)
    return {
      check: 'access',
      severity: 'unknown',
      what: 'Not looked at: the server is not ready.',
      why: null,
      fix: null,
    };
  return wrong('access', {
    what: sentence(body['error']) ?? `The API key is refused (status ${status}).`,
    why: 'Nothing can be read or changed with it.',
    fix: 'export MUTT_API_KEY=…; a new one: npm start -- --new-api-key',
  });
}

function clock({ dateMs }: Answer): Finding {
  const skew = dateMs - Date.now();
  if (Number.isNaN(skew))
    return { check: 'clock', severity: 'unknown', what: 'The server does not tell its time.', why: null, fix: null };
  if (Math.abs(skew) < SKEW_MS) return fine('clock', 'The clocks of the server and of this machine agree.');
  return {
    check: 'clock',
    severity: 'warning',
    what: `The clock of the server is ${(Math.abs(skew) / 1000).toFixed(0)} s ${skew > 0 ? 'ahead of' : 'behind'} this machine's.`,
    why: 'Times in its log and here do not match.',
    fix: 'Run an NTP client on both machines.',
  };
}

async function latency(target: Target): Promise<Finding> {
  const trips: number[] = [];
  for (let n = 0; n < SAMPLES; n++) trips.push((await get(target, '/healthz')).ms);
  const middle = trips.toSorted((a, b) => a - b)[Math.floor(SAMPLES / 2)] ?? NaN;
  const what = `A request takes ${middle < 10 ? middle.toFixed(2) : middle.toFixed(0)} ms.`;
  if (middle < SLOW_MS) return fine('latency', what);
  return {
    check: 'latency',
    severity: 'warning',
    what,
    why: 'Every change takes at least that long.',
    fix: 'Is the server, or the machine, under load? See /metrics.',
  };
}

async function audit(target: Target): Promise<Finding> {
  const { status } = await get(target, '/api/v1/audit?limit=1');
  if (status === 200) return fine('audit', 'The audit trail answers.');
  if (status < 500)
    return {
      check: 'audit',
      severity: 'unknown',
      what: 'The audit trail may not be asked with this key.',
      why: null,
      fix: null,
    };
  return wrong('audit', {
    what: 'The audit trail is out of reach.',
    why: 'Changes go on and wait in the log; history and undo do not work.',
    fix: 'Is the PostgreSQL of DATABASE_URL, or the disk of the data folder, well?',
  });
}

async function get(target: Target, path: string): Promise<Answer> {
  const start = performance.now();
  const response = await fetch(`${target.url.replace(/\/+$/, '')}${path}`, {
    headers: target.apiKey === undefined ? {} : { 'x-api-key': target.apiKey },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    // A redirect would take the API key along, wherever it leads.
    redirect: 'manual',
  });
  const text = await response.text();
  const ms = performance.now() - start;
  return { status: response.status, body: parse(text), dateMs: Date.parse(response.headers.get('date') ?? ''), ms };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    // A proxy's page.
    return {};
  }
}

function sentence(text: unknown): string | null {
  return typeof text === 'string' ? text : null;
}

function unreachable({ location }: Target, error: unknown): Finding {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : (error as Error).message;
  return wrong('reach', {
    what: `The server at ${location} cannot be reached: ${cause}.`,
    why: 'Instances that rely on it serve what they have in memory.',
    fix: 'Does it run? npm start; or name another one with --url.',
  });
}

function fine(check: string, what: string): Finding {
  return { check, severity: 'ok', what, why: null, fix: null };
}

function wrong(check: string, found: { what: string; why: string; fix: string }): Finding {
  return { check, severity: 'problem', ...found };
}
