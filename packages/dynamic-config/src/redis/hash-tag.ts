/** True for a prefix that puts all keys of its namespace into one slot of a Redis Cluster. */
export function hasHashTag(prefix: string): boolean {
  return /^[^{]*\{[^}]+\}/.test(prefix);
}
