/** Nobody changes a setting by changing what `get` returned. Freezes what is made of arrays and plain objects. */
export function deepFreeze<T>(value: T): T {
  if (!isContainer(value) || Object.isFrozen(value)) return value;
  // First, so that a value that holds itself ends.
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

/** True for what JSON can hold without losing any of it. */
export function isPlainData(value: unknown): boolean {
  if (isContainer(value)) {
    const isArray = Array.isArray(value);
    return Object.values(value).every((inner) => (inner === undefined && !isArray) || isPlainData(inner));
  }
  return value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
}

/** True when both are the same data. False where that cannot be told: of a `Set`, a `RegExp`, or of what holds itself. */
export function isSameData(a: unknown, b: unknown): boolean {
  try {
    return isSame(a, b);
  } catch {
    return false;
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    left.length === right.length &&
    left.every(([name, inner]) => Object.hasOwn(b, name) && isSame(inner, (b as Record<string, unknown>)[name]))
  );
}

function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
