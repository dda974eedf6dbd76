import { BenchProcess } from './bench-process.ts';

export const BENCH_KEY = 'mutt_bench_0123456789012345678901234567890123456789';

/** What the bare server answers with: as ours does. */
export const BENCH_REPLY = {
  key: 'moog_rate_limit',
  value: '200',
  revision: 1,
  changed_at: '2026-11-23T20:33:01.123Z',
  changed_by: 'admin',
};

export interface ServerUsage {
  readonly residentBytes: number;
  /** What JavaScript holds of it. */
  readonly heldBytes: number;
  /** Processor time since its start, in microseconds. */
  readonly cpuUs: number;
}

/** A server in a process of its own. */
export interface BenchServer {
  readonly url: URL;
  /** @param of what is held: once nothing is left to be let go of. That takes a while. */
  usage(of?: 'what is held'): Promise<ServerUsage>;
  stop(): Promise<void>;
}

export async function startBenchServer(what: 'ours' | 'bare', redisUrl = ''): Promise<BenchServer> {
  const process = await BenchProcess.start('http-server-process.ts', [what, redisUrl], ['--expose-gc']);
  return {
    url: new URL(String(process.firstMessage)),
    async usage(of) {
      process.send(of ?? 'how much?');
      return (await process.next()) as ServerUsage;
    },
    stop: () => process.stop(),
  };
}

/** A GET as bytes, for measures in which a client's own work must not count. */
export function rawGet({ host }: URL, path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-API-Key: ${BENCH_KEY}\r\n\r\n`;
}
