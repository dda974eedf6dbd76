import type { rawClient } from '../raw-client.ts';

/** What a Redis has used so far, and holds. */
export interface RedisUsage {
  readonly cpuMs: number;
  readonly commands: number;
  readonly bytes: number;
  readonly connections: number;
}

export async function redisUsage(raw: Awaited<ReturnType<typeof rawClient>>): Promise<RedisUsage> {
  const info = await raw.info('all');
  const field = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return {
    cpuMs: (field('used_cpu_user') + field('used_cpu_sys')) * 1_000,
    commands: field('total_commands_processed'),
    bytes: field('used_memory'),
    connections: field('connected_clients'),
  };
}

/** Bytes that wait in Redis for its clients to read them, now. */
export async function waitingBytes(raw: Awaited<ReturnType<typeof rawClient>>): Promise<number> {
  const clients = await raw.sendCommand<string>(['CLIENT', 'LIST']);
  return [...clients.matchAll(/ omem=(\d+)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}
