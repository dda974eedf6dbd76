import { ConfigError } from '../errors.ts';
import { endpointOf } from './endpoint-of.ts';
import { DEFAULT_PREFIX, RedisNamespace } from './namespace.ts';
import { RedisSession } from './session.ts';
import type { SessionOptions } from './session.ts';
import { readInfo } from './examined.ts';
import type { Examined } from './examined.ts';
import { ok, problem } from './finding.ts';
import type { Finding } from './finding.ts';
import { checkLatency } from './latency-check.ts';
import { checkTopology } from './topology-check.ts';
import { checkSetToSeen } from './set-to-seen-check.ts';
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
 * Looks for what keeps a Redis, or a namespace in it, from holding what is promised. Changes no setting: all that it writes,
 * where it may, is a key of its own beside the namespace, to see how soon that is seen.
 *
 * @param url as for `RedisStore.open`
 * @throws InvalidOptionError
 */
export async function examineRedis(url: string, options: ExaminationOptions = {}): Promise<readonly Finding[]> {
  const { prefix = DEFAULT_PREFIX, timeoutMs = TIMEOUT_MS, now = Date.now } = options;
  const endpoint = endpointOf(url, prefix);
  const namespace = new RedisNamespace(prefix, endpoint.database);
  const sessionOptions: SessionOptions = { endpoint, timeoutMs, protocol: { version: 3 } };
  const openAnother: Examined['openAnother'] = (push) =>
    RedisSession.open({ ...sessionOptions, ...(push && { push }) });
  let session: RedisSession;
  try {
    session = await openAnother();
  } catch (error) {
    endpoint.close();
    return [unreachable(error, endpoint.location)];
  }
  try {
    return await examine({ session, namespace, info: await readInfo(session), now, openAnother }, endpoint.location);
  } catch (error) {
    return [unreachable(error, endpoint.location)];
  } finally {
    session.end();
    endpoint.close();
  }
}

async function examine(examined: Examined, location: string): Promise<Finding[]> {
  const topology = await checkTopology(examined);
  const findings = [ok('reach', `Redis answers at ${location}.`), await checkVersion(examined), ...topology];
  if (topology.some(({ severity }) => severity === 'problem')) return findings;
  const checks = [
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
    checkSetToSeen,
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
