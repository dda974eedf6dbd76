import type { Context } from './contexts.ts';
import { Failure } from './failure.ts';

/** Where the settings live that a command works on. */
export interface Target {
  readonly kind: 'redis' | 'server';
  readonly url: string;
  /** The URL without credentials, for people. */
  readonly location: string;
  /** What named it: an option, a variable of the environment, a context, or nobody (`default`). */
  readonly namedBy: '--url' | 'MUTT_CONFIG_URL' | 'REDIS_URL' | 'REDIS_HOST' | `context ${string}` | 'default';
  /** undefined: the library's default, or the server's own. */
  readonly prefix: string | undefined;
  /** An API key, or the token of a session. */
  readonly apiKey: string | undefined;
}

export interface TargetOptions {
  readonly url?: string | undefined;
  readonly context?: string | undefined;
  readonly prefix?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const KINDS: Readonly<Record<string, Target['kind']>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'redis-sentinel:': 'redis',
  'rediss-sentinel:': 'redis',
  'redis-cluster:': 'redis',
  'rediss-cluster:': 'redis',
  'http:': 'server',
  'https:': 'server',
};

/**
 * The first that is named: by an option (`--url`, `--context`), by a variable of the environment (`MUTT_CONFIG_URL`,
 * `MUTT_CONTEXT`, `REDIS_URL`, `REDIS_HOST`), or as the context in use; else the server on this machine.
 *
 * @throws Failure
 */
export async function chooseTarget(options: TargetOptions, env: Environment): Promise<Target> {
  const { namedBy, url, context } = await nameUrl(options, env);
  const { kind, location } = readUrl(url, namedBy);
  if (kind === 'server' && options.prefix !== undefined) {
    throw new Failure(
      'usage',
      '--prefix is for redis:// targets: a server has its own prefix. Leave it out, or name a Redis with --url.',
    );
  }
  const prefix = options.prefix ?? context?.prefix ?? (env['MUTT_CONFIG_PREFIX'] || undefined);
  return {
    kind,
    url,
    location,
    namedBy,
    prefix: kind === 'redis' ? prefix : undefined,
    apiKey: kind === 'server' ? (context?.token ?? (env['MUTT_API_KEY'] || undefined)) : undefined,
  };
}

/** @throws Failure where settings cannot live there. */
export function readUrl(url: string, namedBy: string): Pick<Target, 'kind' | 'location'> {
  const kind = KINDS[/^[a-z-]+:/i.exec(url)?.[0].toLowerCase() ?? ''];
  const location = locationOf(url);
  if (kind !== undefined && location !== null) return { kind, location };
  throw new Failure(
    'usage',
    `${namedBy} must be a URL that starts with redis://, rediss://, redis-sentinel://, redis-cluster://, http:// or https://.`,
  );
}

/** The server on this machine, which `npm start` runs. */
export function localServer(env: Environment): string {
  return `http://127.0.0.1:${wholeNumber('PORT', env, 8090, 65_535)}`;
}

interface Named extends Pick<Target, 'namedBy' | 'url'> {
  readonly context?: Context;
}

async function nameUrl({ url, context }: TargetOptions, env: Environment): Promise<Named> {
  if (url !== undefined && context !== undefined) throw new Failure('usage', 'Give either --url or --context.');
  if (url !== undefined) return { namedBy: '--url', url };
  if (context !== undefined) return byContext(context, env);
  if (env['MUTT_CONFIG_URL']) return { namedBy: 'MUTT_CONFIG_URL', url: env['MUTT_CONFIG_URL'] };
  if (env['MUTT_CONTEXT']) return byContext(env['MUTT_CONTEXT'], env);
  if (env['REDIS_URL']) return { namedBy: 'REDIS_URL', url: env['REDIS_URL'] };
  if (env['REDIS_HOST']) return { namedBy: 'REDIS_HOST', url: await redisUrl(env) };
  const { Contexts } = await import('./contexts.ts');
  const current = await new Contexts(env).current();
  if (current !== null) return byContext(current, env);
  return { namedBy: 'default', url: localServer(env) };
}

async function byContext(name: string, env: Environment): Promise<Named> {
  const { Contexts } = await import('./contexts.ts');
  const context = await new Contexts(env).get(name);
  return { namedBy: `context ${name}`, url: context.url, context };
}

/** The library is loaded only where it is needed: `--help` is quicker without. */
async function redisUrl(env: Environment): Promise<string> {
  const { redisUrlFromEnv } = await import('@mutt/dynamic-config');
  return redisUrlFromEnv(env) ?? '';
}

/** A URL for people: without credentials, whatever characters they hold; null: it is none. */
function locationOf(url: string): string | null {
  // With several hosts, which is no URL to Node. All of it has to fit: what does not may be a part of a password.
  const nodes = /^(rediss?-(?:sentinel|cluster):\/\/)([^@/]*@)?([^@/?#]+(?:\/[^@/?#]*)?)(?:\?[^#]*)?$/i.exec(url);
  if (nodes !== null) return `${nodes[1]}${nodes[2] === undefined ? '' : '***@'}${nodes[3]}`;
  if (/^rediss?-/i.test(url) || !URL.canParse(url)) return null;
  const { protocol, username, password, host, pathname } = new URL(url);
  const credentials = username === '' && password === '' ? '' : '***@';
  return `${protocol}//${credentials}${host}${pathname.replace(/\/+$/, '')}`;
}

function wholeNumber(name: string, env: Environment, otherwise: number, most: number): number {
  const text = env[name];
  if (!text) return otherwise;
  if (/^\d{1,6}$/.test(text) && Number(text) <= most) return Number(text);
  throw new Failure('usage', `${name} must be a whole number from 0 to ${most}, and it is ${JSON.stringify(text)}.`);
}
