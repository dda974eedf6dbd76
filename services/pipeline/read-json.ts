/** Far more than an event needs, and far less than makes `JSON.stringify` run out of stack. */
const MOST_LEVELS = 64;

/**
 * What lies in a queue, as a value. Peers put things there that no ingestor has seen; what is read here can be written
 * again.
 *
 * @throws Error where it is no JSON, or nested so deep that it could not be written again.
 */
export function readJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isDeeper(value, MOST_LEVELS)) throw new Error(`is nested more than ${MOST_LEVELS} levels deep`);
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1));
}
