import { ruleChecks } from '@mutt/dynamic-config';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';

/** Checks values by what services declare: by rules of anybody who may register. */
export const checks = ruleChecks(Ajv2020, RE2JS);
