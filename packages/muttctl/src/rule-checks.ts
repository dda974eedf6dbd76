import { ruleChecks, type RuleChecks } from '@mutt/dynamic-config';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';

/** Checks values by what services declare. To be imported only where there is something to check by it. */
export const checks: RuleChecks = ruleChecks(Ajv2020, RE2JS);
