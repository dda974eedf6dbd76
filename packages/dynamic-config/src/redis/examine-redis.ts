import { ConfigError } from '../errors.ts';
import { urlEndpoint } from './endpoint.ts';
import { DEFAULT_PREFIX, RedisNamespace } from './namespace.ts';
import { RedisSession } from './session.ts';
import { readInfo } from './examined.ts';
import type { Examined } from './examined.ts';
import { ok, problem } from './finding.ts';
import type { Finding } from './finding.ts';
import { checkLatency } from './latency-check.ts';
import { checkAudit, checkEntries, checkInstances, checkLog, checkOwnKeys } from './namespace-checks.ts';
import {
  checkClients,
  checkClock,
  checkEviction,
  checkOutputBuffer,
  checkPersistence,
  checkRights,
  checkRole,
  checkTimeout,
  checkTracking,
  checkVersion,
} from './server-checks.ts';

export interface ExaminationOptions {
  /** Default `mutt:config`. */
  readonly prefix?: string | undefined;
  /** Longest wait for the connection and for each reply, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

const TIMEOUT_MS = 5_000;

/**
 * Looks for what keeps a Redis, or a namespace in it, from holding what is promised. Changes nothing.
 *
 * @param url `redis[s]://[[user]:password@]host[:port][/db]`
 * @throws InvalidOptionError
 */
export async function examineRedis(url: string, options: ExaminationOptions = {}): Promise<readonly Finding[]> {
  const { prefix = DEFAULT_PREFIX, timeoutMs = TIMEOUT_MS, now = Date.now } = options;
  const endpoint = urlEndpoint(url);
  const namespace = new RedisNamespace(prefix, endpoint.database);
  let session: RedisSession;
  try {
    session = await RedisSession.open({ endpoint, timeoutMs, protocol: { version: 3 } });
  } catch (error) {
    return [unreachable(error, endpoint.location)];
  }
  try {
    return await examine({ session, namespace, info: await readInfo(session), now }, endpoint.location);
  } catch (error) {
    return [unreachable(error, endpoint.location)];
  } finally {
    session.end();
  }
}

async function examine(examined: Examined, location: string): Promise<Finding[]> {
  const findings = [ok('reach', `Redis answers at ${location}.`)];
  const checks = [
    checkVersion,
    checkRole,
    checkTracking,
    checkRights,
    checkPersistence,
    checkEviction,
    checkTimeout,
    checkOutputBuffer,
    checkClients,
    checkClock,
    checkLatency,
    checkOwnKeys,
    checkEntries,
    checkLog,
    checkInstances,
    checkAudit,
  ];
  for (const check of checks) findings.push(...[await check(examined)].flat());
  return findings;
}

function unreachable(error: unknown, location: string): Finding {
  if (!(error instanceof ConfigError)) throw error;
  return problem('reach', {
    what: `Redis at ${location} cannot be used: ${error.message}`,
    why: 'Instances serve what they have in memory, and cannot hear of changes.',
    fix: 'Check that it runs, the address, the firewall, and user and password: redis-cli -u <url> PING',
  });
}
