import { runService } from '../pipeline/run-service.ts';
import { alerter } from './alerter.ts';
import { ruleSourceOf } from './rule-source.ts';

await runService(alerter(() => ruleSourceOf(process.env)));
