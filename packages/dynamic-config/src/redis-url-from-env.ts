import { InvalidOptionError } from './errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const HOST_NAME = /^[\w.-]{1,253}$/;
const IPV6 = /^\[?([\da-f:.]+)\]?$/i;

/**
 * The URL of the Redis that `REDIS_HOST` names, with `REDIS_PORT` (6379) and `REDIS_DB` (0); null where it is not set or
 * empty. `REDIS_PORT` alone names none: an orchestrator sets it (to `tcp://…`) wherever a service happens to be called
 * "redis".
 *
 * @throws InvalidOptionError naming the variable, without a value that may hold a password.
 * @example
 * const url = process.env.REDIS_URL ?? redisUrlFromEnv(process.env) ?? 'redis://localhost:6379';
 */
export function redisUrlFromEnv(env: Environment): string | null {
  const host = env['REDIS_HOST'];
  if (!host) return null;
  const port = wholeNumber(env, 'REDIS_PORT', 6379, 65_535);
  const database = wholeNumber(env, 'REDIS_DB', 0, 999_999);
  const url = `redis://${toAddress(host)}:${port}/${database}`;
  if (URL.canParse(url)) return url;
  throw notAHost();
}

function toAddress(host: string): string {
  if (HOST_NAME.test(host)) return host;
  const address = IPV6.exec(host)?.[1];
  if (address === undefined) throw notAHost();
  return `[${address}]`;
}

function notAHost(): InvalidOptionError {
  return new InvalidOptionError(
    'REDIS_HOST must be the name or address of a host, and nothing else; a URL goes into REDIS_URL.',
  );
}

function wholeNumber(env: Environment, name: string, otherwise: number, most: number): number {
  const text = env[name];
  if (!text) return otherwise;
  if (/^\d{1,6}$/.test(text) && Number(text) <= most) return Number(text);
  throw new InvalidOptionError(`${name} must be a whole number from 0 to ${most}, and it is ${JSON.stringify(text)}.`);
}
