import { decodeRegistrations, encodeRegistration, KEEP_REGISTRATION_MS, MOST_REGISTRATIONS } from '../registration.ts';
import type { StoredRegistration } from '../registration.ts';
import type { Registration, Registrations } from '../store.ts';
import type { RedisNamespace } from './namespace.ts';
import { Script } from './script.ts';
import type { RedisSession } from './session.ts';

const script = new Script('register');

/** Runs `lua/register.lua`: with the whole of it only when Redis does not know it. */
export async function register(
  session: RedisSession,
  { settings }: RedisNamespace,
  registration: Registration,
): Promise<void> {
  const { id, text } = encodeRegistration(registration);
  const limits = [String(MOST_REGISTRATIONS), String(KEEP_REGISTRATION_MS)];
  const outcome = await script.run(session, [settings], [id, '', ...limits]);
  if (outcome === 'unknown') await script.run(session, [settings], [id, text, ...limits]);
}

export async function readRegistrations(session: RedisSession, { settings }: RedisNamespace): Promise<Registrations> {
  const [time, texts] = await Promise.all([session.send(['TIME']), session.send(['HVALS', settings])]);
  const [seconds, microseconds] = time as readonly string[];
  const nowMs = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  return decodeRegistrations(nowMs, (texts as readonly string[]).map(decode));
}

function decode(stored: string): StoredRegistration {
  const [registeredAtMs = '', seenAtMs = ''] = stored.split(' ', 2);
  const text = stored.slice(registeredAtMs.length + seenAtMs.length + 2);
  return { text, registeredAtMs: Number(registeredAtMs), seenAtMs: Number(seenAtMs) };
}
