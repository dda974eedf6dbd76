import { isIPv6 } from 'node:net';

const GROUPS_OF_64_BITS = 4;

/**
 * Whom an address stands for where attempts are counted: of IPv6 the first 64 bits, since one subscriber has all addresses
 * that begin so (RFC 6177).
 */
export function addressGroup(address: string): string {
  const [plain = ''] = address.split('%');
  // `::ffff:192.0.2.1` is an IPv4 address.
  if (!isIPv6(plain) || plain.includes('.')) return plain;
  const [start = '', end] = plain.split('::');
  const groups = start === '' ? [] : start.split(':');
  if (end !== undefined) {
    const last = end === '' ? [] : end.split(':');
    while (groups.length + last.length < 8) groups.push('0');
    groups.push(...last);
  }
  const first = groups.slice(0, GROUPS_OF_64_BITS).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}
