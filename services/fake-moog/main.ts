import { createLogger } from '../pipeline/run-service.ts';
import { fakeMoog } from './fake-moog.ts';

const { HOST: host = '127.0.0.1', PORT: port = '8090' } = process.env;

const http = fakeMoog();
const url = await http.listen({ host, port: Number(port) });
createLogger('fake-moog').info({ url }, 'fake-moog runs');
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void http.close());
