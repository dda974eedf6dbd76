import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchemaCheck } from '@mutt/dynamic-config';

const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false, addUsedSchema: false });
/** Compiled once for each schema, for as long as the schema lives. */
const compiled = new WeakMap<object, ValidateFunction | null>();

/** Checks a value by a JSON Schema (draft 2020-12). A schema that cannot be used refuses nothing. */
export const checkJson: JsonSchemaCheck = (schema, value) => {
  const validate = validatorOf(schema);
  if (validate === null || validate(value)) return null;
  const [error] = validate.errors ?? [];
  const where = error?.instancePath ? `${error.instancePath.slice(1).replaceAll('/', '.')}: ` : '';
  return `is not valid (${where}${error?.message ?? 'refused'})`;
};

function validatorOf(schema: object): ValidateFunction | null {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  let validate: ValidateFunction | null = null;
  try {
    validate = ajv.compile(schema);
  } catch {
    // Its service checks by other means; what it refuses it does not serve.
  }
  compiled.set(schema, validate);
  return validate;
}
