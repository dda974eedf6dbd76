import { InvalidValueError } from '@mutt/dynamic-config';
import type { ValueInput } from '@mutt/dynamic-config';

/**
 * A value as it came in JSON. What type it must be is for the library to say; here only what JSON has already spoiled.
 *
 * @throws InvalidValueError
 */
export function toValueInput(key: string, value: unknown): ValueInput {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new InvalidValueError(
      `Invalid value for ${key}: a whole number this large loses digits as a JSON number. Send it as a string.`,
    );
  }
  return value as ValueInput;
}
