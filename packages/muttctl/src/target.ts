import { Failure } from './failure.ts';

/** Where the settings live that a command works on. */
export interface Target {
  readonly kind: 'redis' | 'server';
  readonly url: string;
  /** The URL without credentials, for people. */
  readonly location: string;
  /** What named it: `--url`, a variable of the environment, or nobody (`default`). */
  readonly namedBy: '--url' | 'MUTT_CONFIG_URL' | 'REDIS_URL' | 'REDIS_HOST' | 'default';
  /** undefined: the library's default, or the server's own. */
  readonly prefix: string | undefined;
  readonly apiKey: string | undefined;
}

export interface TargetOptions {
  readonly url?: string | undefined;
  readonly prefix?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const KINDS: Readonly<Record<string, Target['kind']>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'http:': 'server',
  'https:': 'server',
};

/** The first that is named: option, `MUTT_CONFIG_URL`, `REDIS_URL`, `REDIS_HOST`; else the server on this machine. */
export async function chooseTarget(options: TargetOptions, env: Environment): Promise<Target> {
  const { namedBy, url } = await nameUrl(options, env);
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const kind = parsed === null ? undefined : KINDS[parsed.protocol];
  if (parsed === null || kind === undefined) {
    throw new Failure('usage', `${namedBy} must be a URL that starts with redis://, rediss://, http:// or https://.`);
  }
  if (kind === 'server' && options.prefix !== undefined) {
    throw new Failure(
      'usage',
      '--prefix is for redis:// targets: a server has its own prefix. Leave it out, or name a Redis with --url.',
    );
  }
  return {
    kind,
    url,
    location: locationOf(parsed),
    namedBy,
    prefix: kind === 'redis' ? (options.prefix ?? (env['MUTT_CONFIG_PREFIX'] || undefined)) : undefined,
    apiKey: kind === 'server' ? env['MUTT_API_KEY'] || undefined : undefined,
  };
}

async function nameUrl(options: TargetOptions, env: Environment): Promise<Pick<Target, 'namedBy' | 'url'>> {
  if (options.url !== undefined) return { namedBy: '--url', url: options.url };
  if (env['MUTT_CONFIG_URL']) return { namedBy: 'MUTT_CONFIG_URL', url: env['MUTT_CONFIG_URL'] };
  if (env['REDIS_URL']) return { namedBy: 'REDIS_URL', url: env['REDIS_URL'] };
  if (env['REDIS_HOST']) return { namedBy: 'REDIS_HOST', url: await redisUrl(env) };
  return { namedBy: 'default', url: `http://127.0.0.1:${wholeNumber('PORT', env, 8090, 65_535)}` };
}

/** The library is loaded only where it is needed: `--help` is quicker without. */
async function redisUrl(env: Environment): Promise<string> {
  const { redisUrlFromEnv } = await import('@mutt/dynamic-config');
  return redisUrlFromEnv(env) ?? '';
}

/** A URL for people: without credentials, whatever characters they hold. */
function locationOf({ protocol, username, password, host, pathname }: URL): string {
  const credentials = username === '' && password === '' ? '' : '***@';
  return `${protocol}//${credentials}${host}${pathname.replace(/\/+$/, '')}`;
}

function wholeNumber(name: string, env: Environment, otherwise: number, most: number): number {
  const text = env[name];
  if (!text) return otherwise;
  if (/^\d{1,6}$/.test(text) && Number(text) <= most) return Number(text);
  throw new Failure('usage', `${name} must be a whole number from 0 to ${most}, and it is ${JSON.stringify(text)}.`);
}
