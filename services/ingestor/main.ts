import { runService } from '../pipeline/run-service.ts';
import { ingestor } from './ingestor.ts';

await runService(ingestor(process.env));
