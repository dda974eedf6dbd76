/** The path of a key; null for `.` and `..`, which browsers resolve in a path whatever they are encoded as. */
export function keyPath(key: string): string | null {
  return key === '.' || key === '..' ? null : `/config/${encodeURIComponent(key)}`;
}
