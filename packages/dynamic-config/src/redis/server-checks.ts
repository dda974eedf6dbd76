import { ask, configOf } from './examined.ts';
import type { Examined } from './examined.ts';
import { ok, problem, unknown, warning } from './finding.ts';
import type { Finding } from './finding.ts';

const MIB = 1024 * 1024;
/** A change set of 8 MiB, as it is announced, with what else may wait. */
const LEAST_PUBSUB_BYTES = 16 * MIB;
const NEARLY_FULL = 0.9;

export async function checkVersion({ info }: Examined): Promise<Finding> {
  const version = info.get('redis_version');
  if (version === undefined) return unknown('version', 'The version of Redis may not be asked for (INFO).');
  if (Number.parseInt(version, 10) >= 6) return ok('version', `Redis ${version}.`);
  return problem('version', {
    what: `Redis ${version} cannot announce writes by redis-cli or legacy peers.`,
    why: 'Such writes are seen only by polling, within cacheTtl.',
    fix: 'Upgrade to Redis 6 or newer.',
  });
}

export async function checkRole({ info }: Examined): Promise<Finding> {
  const role = info.get('role');
  if (role === undefined) return unknown('role', 'Whether this is the primary may not be asked for (INFO).');
  if (role === 'master') return ok('role', 'This is the primary.');
  const primary = `${info.get('master_host')}:${info.get('master_port')}`;
  return problem('role', {
    what: `This Redis is a replica of ${primary}.`,
    why: 'It refuses every change, and lags behind.',
    fix: `Connect to the primary, redis://${primary}, or use Sentinel.`,
  });
}

export async function checkTracking({ session, namespace }: Examined): Promise<Finding> {
  const on = await ask(session, ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', namespace.entryPrefix]);
  if (on !== null) {
    await ask(session, ['CLIENT', 'TRACKING', 'OFF']);
    return ok('tracking', 'Writes by anyone are announced at once (RESP3 tracking).');
  }
  return warning('tracking', {
    what: 'Tracking cannot be turned on for this user.',
    why: 'Writes by redis-cli and legacy peers without a PUBLISH are seen only by polling, within cacheTtl, and are not recorded at once.',
    fix: 'ACL SETUSER <user> +client|tracking',
  });
}

export async function checkPersistence({ session, info }: Examined): Promise<Finding> {
  const isAof = info.get('aof_enabled');
  if (isAof === undefined) return unknown('persistence', 'Whether Redis writes to disk may not be asked for (INFO).');
  if (info.get('aof_last_write_status') === 'err' || info.get('rdb_last_bgsave_status') === 'err') {
    return problem('persistence', {
      what: 'The last write of Redis to its disk failed.',
      why: 'It may refuse changes (MISCONF), and a restart loses what was not written.',
      fix: 'See the log of Redis; most often the disk is full or not writable.',
    });
  }
  if (isAof === '1') {
    const fsync = await configOf(session, 'appendfsync');
    if (fsync !== 'no') return ok('persistence', `Append-only file, fsync ${fsync ?? 'unknown'}.`);
    return warning('persistence', {
      what: 'The append-only file is never flushed by Redis (appendfsync no).',
      why: 'A crash of the machine loses acknowledged changes, up to half a minute of them.',
      fix: 'CONFIG SET appendfsync everysec',
    });
  }
  const save = await configOf(session, 'save');
  if (save === null)
    return unknown('persistence', 'No append-only file; whether there are snapshots may not be asked for.');
  const why = 'When Redis restarts, acknowledged changes are lost.';
  const fix = 'CONFIG SET appendonly yes, then CONFIG REWRITE';
  return save === ''
    ? problem('persistence', {
        what: 'Redis writes nothing to disk.',
        why: 'When it restarts, all settings are gone.',
        fix,
      })
    : warning('persistence', {
        what: `Redis has no append-only file, only snapshots now and then (save ${save}).`,
        why,
        fix,
      });
}

export async function checkEviction({ info }: Examined): Promise<Finding> {
  const policy = info.get('maxmemory_policy');
  const most = Number(info.get('maxmemory') ?? NaN);
  if (policy === undefined || Number.isNaN(most)) {
    return unknown('memory', 'What Redis does when its memory is full may not be asked for (INFO).');
  }
  if (policy.startsWith('allkeys-') && most > 0) {
    return problem('memory', {
      what: `When its memory is full, Redis drops any keys (maxmemory-policy ${policy}).`,
      why: 'It may drop settings: a change that nobody made.',
      fix: 'CONFIG SET maxmemory-policy noeviction (or volatile-lru: settings never expire)',
    });
  }
  const used = Number(info.get('used_memory') ?? 0);
  if (most > 0 && used > NEARLY_FULL * most) {
    return warning('memory', {
      what: `Redis uses ${Math.round((100 * used) / most)} % of its memory (maxmemory).`,
      why: 'When it is full, it refuses changes.',
      fix: 'Raise maxmemory, or find out what fills it: redis-cli --bigkeys',
    });
  }
  return ok(
    'memory',
    most === 0 ? 'No limit of memory.' : `Memory: ${policy}, ${Math.round((100 * used) / most)} % used.`,
  );
}

export async function checkTimeout({ session }: Examined): Promise<Finding> {
  const seconds = await configOf(session, 'timeout');
  if (seconds === null)
    return unknown('timeout', 'Whether idle connections are closed may not be asked for (CONFIG GET timeout).');
  if (seconds === '0' || Number(seconds) >= 60) return ok('timeout', 'Idle connections are left alone.');
  return warning('timeout', {
    what: `Redis closes connections that are idle for ${seconds} s.`,
    why: 'Instances reconnect again and again, and load everything each time.',
    fix: 'CONFIG SET timeout 0',
  });
}

export async function checkOutputBuffer({ session }: Examined): Promise<Finding> {
  const limits = await configOf(session, 'client-output-buffer-limit');
  const pubsub = /pubsub (\d+) (\d+) (\d+)/.exec(limits ?? '');
  if (pubsub === null)
    return unknown('output-buffer', 'The limits of output buffers may not be asked for (CONFIG GET).');
  const [hard, soft] = [Number(pubsub[1]), Number(pubsub[2])];
  const least = Math.min(hard === 0 ? Infinity : hard, soft === 0 ? Infinity : soft * 2);
  if (least >= LEAST_PUBSUB_BYTES) return ok('output-buffer', 'The output buffer for subscribers is large enough.');
  return warning('output-buffer', {
    what: `Redis cuts subscribers that have more than ${Math.floor(least / MIB)} MiB waiting.`,
    why: 'A large change set cuts every instance, which then loads everything anew.',
    fix: `CONFIG SET client-output-buffer-limit "pubsub 33554432 8388608 60"`,
  });
}

export async function checkClients({ session, info }: Examined): Promise<Finding> {
  const connected = Number(info.get('connected_clients') ?? NaN);
  const most = Number(info.get('maxclients') ?? (await configOf(session, 'maxclients')) ?? NaN);
  if (Number.isNaN(connected) || Number.isNaN(most))
    return unknown('clients', 'How many clients there may be is not told.');
  if (connected < 0.8 * most) return ok('clients', `${connected} of at most ${most} clients.`);
  return warning('clients', {
    what: `${connected} of at most ${most} clients are connected.`,
    why: 'Each instance needs two connections; beyond the limit they are refused.',
    fix: `CONFIG SET maxclients ${2 * most}`,
  });
}

/** A reader that must do without is told by what it does; a writer is told here. */
export async function checkRights({ session, namespace }: Examined): Promise<Finding> {
  const user = await ask(session, ['ACL', 'WHOAMI']);
  if (user === null) return unknown('rights', 'Which rights this user has may not be asked for (ACL).');
  const { head, index, log, entry } = namespace;
  const needed = [
    ['EVALSHA', 'x', '1', head],
    ['XADD', log, '*', 'f', 'v'],
    ['HSET', index, 'f', 'v'],
    ['SET', entry('k'), 'v'],
    ['DEL', entry('k')],
    ['PUBLISH', namespace.changes, 'm'],
    ['PUBLISH', namespace.updates, 'k'],
    ['SUBSCRIBE', namespace.changes],
  ];
  const denied: string[] = [];
  for (const command of needed) {
    const reply = await ask(session, ['ACL', 'DRYRUN', String(user), ...command]);
    if (reply === null) return unknown('rights', `Which rights ${String(user)} has may not be asked for (ACL DRYRUN).`);
    if (reply !== 'OK') denied.push(command[0] ?? '');
  }
  if (denied.length === 0) return ok('rights', `The user ${String(user)} may read and change settings.`);
  return warning('rights', {
    what: `The user ${String(user)} may not use ${[...new Set(denied)].join(', ')} on what this namespace needs.`,
    why: 'It cannot change settings, or does not hear of changes.',
    fix: 'Fine for a service that only reads; otherwise extend its ACL, see docs/security.md.',
  });
}

const SKEW_MS = 1_000;

export async function checkClock({ session, now }: Examined): Promise<Finding> {
  const before = now();
  const reply = await ask(session, ['TIME']);
  const after = now();
  if (!Array.isArray(reply)) return unknown('clock', 'The clock of Redis may not be asked for (TIME).');
  const theirs = Number(reply[0]) * 1000 + Number(reply[1]) / 1000;
  const skew = theirs < before ? theirs - before : Math.max(0, theirs - after);
  if (Math.abs(skew) <= SKEW_MS) return ok('clock', 'The clocks of Redis and of this machine agree.');
  return warning('clock', {
    what: `The clock of Redis is ${(Math.abs(skew) / 1000).toFixed(1)} s ${skew > 0 ? 'ahead of' : 'behind'} this machine's.`,
    why: 'Changes are dated by the clock of Redis: the audit trail tells wrong times. (Their order is right all the same.)',
    fix: 'Run an NTP client on both machines.',
  });
}
