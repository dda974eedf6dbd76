import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { serviceOfProcess } from './service.ts';
import type { Service } from './service.ts';

/** Who an instance is. */
export interface InstanceName {
  /** Random; another one each time that it starts. */
  readonly id: string;
  readonly service: string;
  /** null: it doesn't say. */
  readonly version: string | null;
  readonly host: string;
  readonly pid: number;
}

/** How every connection of ours is called in Redis; that of an instance which listens goes on with who it is. */
export const CLIENT_NAME = 'mutt-dynamic-config';

/** This process, as one more instance. */
export function newInstanceName({ name, version }: Service = serviceOfProcess()): InstanceName {
  const id = randomBytes(4).toString('hex');
  return { id, service: name, version: version || null, host: hostname(), pid: process.pid };
}

/**
 * One word of visible ASCII, for the name of a client of Redis and for `User-Agent`:
 * `mutt-dynamic-config/<service>/<version>/<host>/<pid>/<id>/<prefix>`, each part percent-encoded.
 *
 * @param prefix of the namespace; left out where the store has but one.
 */
export function formatInstanceName({ id, service, version, host, pid }: InstanceName, prefix = ''): string {
  const parts = [service, version ?? '', host, String(pid), id, prefix];
  return [CLIENT_NAME, ...parts.map((part) => encodeURIComponent(part.toWellFormed()))].join('/');
}

/** null: no name of an instance of ours. */
export function parseInstanceName(text: string): (InstanceName & { readonly prefix: string }) | null {
  const [product, ...parts] = text.split('/');
  if (product !== CLIENT_NAME || parts.length < 6) return null;
  try {
    const [service = '', version = '', host = '', pid = '', id = '', prefix = ''] = parts.map(decodeURIComponent);
    if (service === '' || id === '' || !/^\d{1,10}$/.test(pid)) return null;
    return { id, service, version: version || null, host, pid: Number(pid), prefix };
  } catch {
    return null;
  }
}
