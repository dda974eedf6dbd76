import { runService } from '../pipeline/run-service.ts';
import { moogForwarder } from './moog-forwarder.ts';

const { MOOG_WEBHOOK_URL: url = '', MOOG_API_KEY: apiKey } = process.env;

await runService(moogForwarder({ url, apiKey }));
