import { ApiKeys } from './api-keys.ts';

/** What is said at the start, by the environment, and stays. */
export interface Options {
  /** Who may send; null: everybody. */
  readonly apiKeys: ApiKeys | null;
  /** The address to listen on. */
  readonly host: string;
  /** Null: no syslog that way. */
  readonly syslogUdpPort: number | null;
  readonly syslogTcpPort: number | null;
}

const MAX_PORT = 65_535;

/** @throws Error naming the variable that is wrong. */
export function readOptions(env: NodeJS.ProcessEnv): Options {
  return {
    apiKeys: readApiKeys(env),
    host: env['HOST'] || '127.0.0.1',
    syslogUdpPort: readPort(env, 'SYSLOG_UDP_PORT'),
    syslogTcpPort: readPort(env, 'SYSLOG_TCP_PORT'),
  };
}

function readApiKeys({ INGEST_API_KEY = '', INGEST_OPEN }: NodeJS.ProcessEnv): ApiKeys | null {
  const keys = INGEST_API_KEY.split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  if (keys.length > 0) return new ApiKeys(keys);
  if (INGEST_OPEN === '1') return null;
  throw new Error(
    'Nobody could send events: set INGEST_API_KEY (several keys: with commas between them), or INGEST_OPEN=1 to let everybody in.',
  );
}

function readPort(env: NodeJS.ProcessEnv, name: string): number | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > MAX_PORT) {
    throw new Error(`${name} must be a port, 1 to ${MAX_PORT}; it is ${JSON.stringify(text)}.`);
  }
  return port;
}
