import { Failure } from './failure.ts';
import { maskSecrets } from './secrets.ts';

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
export function chooseTarget(options: TargetOptions, env: Environment): Target {
  const { namedBy, url } = nameUrl(options, env);
  const kind = URL.canParse(url) ? KINDS[new URL(url).protocol] : undefined;
  if (kind === undefined) {
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
    location: maskSecrets(url, undefined),
    namedBy,
    prefix: kind === 'redis' ? (options.prefix ?? (env['MUTT_CONFIG_PREFIX'] || undefined)) : undefined,
    apiKey: kind === 'server' ? env['MUTT_API_KEY'] || undefined : undefined,
  };
}

function nameUrl(options: TargetOptions, env: Environment): Pick<Target, 'namedBy' | 'url'> {
  if (options.url !== undefined) return { namedBy: '--url', url: options.url };
  if (env['MUTT_CONFIG_URL']) return { namedBy: 'MUTT_CONFIG_URL', url: env['MUTT_CONFIG_URL'] };
  if (env['REDIS_URL']) return { namedBy: 'REDIS_URL', url: env['REDIS_URL'] };
  // Not REDIS_PORT alone: an orchestrator sets it (to tcp://…) wherever a service happens to be called "redis".
  if (env['REDIS_HOST']) return { namedBy: 'REDIS_HOST', url: redisUrl(env['REDIS_HOST'], env) };
  return { namedBy: 'default', url: `http://127.0.0.1:${wholeNumber('PORT', env, 8090, 65_535)}` };
}

function redisUrl(host: string, env: Environment): string {
  const address = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const port = wholeNumber('REDIS_PORT', env, 6379, 65_535);
  const url = `redis://${address}:${port}/${wholeNumber('REDIS_DB', env, 0, 999_999)}`;
  if (URL.canParse(url)) return url;
  throw new Failure('usage', 'REDIS_HOST must be the name or address of a host; a URL goes into REDIS_URL.');
}

function wholeNumber(name: string, env: Environment, otherwise: number, most: number): number {
  const text = env[name];
  if (!text) return otherwise;
  if (/^\d{1,6}$/.test(text) && Number(text) <= most) return Number(text);
  throw new Failure('usage', `${name} must be a whole number from 0 to ${most}, and it is ${JSON.stringify(text)}.`);
}
