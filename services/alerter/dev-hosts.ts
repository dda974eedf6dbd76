export type HostMatcher = (hostname: string) => boolean;

/** A name, or `*.` and the end of names. */
const HOST = /^(\*\.)?[^*\s]{1,255}$/;

/**
 * Tells hosts of development from those of production.
 *
 * @param written names, or `*.dev.example` for all below.
 * @param refuse told of each that is neither.
 */
export function compileHosts(written: readonly unknown[], refuse: (what: string, reason: string) => void): HostMatcher {
  const names = new Set<string>();
  const ends: string[] = [];
  for (const [index, host] of written.entries()) {
    if (typeof host !== 'string' || !HOST.test(host)) {
      refuse(`dev_hosts ${index + 1}`, 'is neither a host name nor *. and the end of names');
    } else if (host.startsWith('*')) ends.push(host.slice(1).toLowerCase());
    else names.add(host.toLowerCase());
  }
  return (hostname) => {
    const asked = hostname.toLowerCase();
    return names.has(asked) || ends.some((end) => asked.endsWith(end));
  };
}
