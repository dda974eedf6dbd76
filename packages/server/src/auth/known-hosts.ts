import { isIP } from 'node:net';

export interface KnownHostsOptions {
  /** What the server listens on. */
  readonly listenHost?: string | undefined;
  /** Where people find the server, when that is elsewhere. */
  readonly publicUrl?: string | undefined;
}

/** The names under which browsers may know this server. Any other one leads here by a trick (DNS rebinding). */
export class KnownHosts {
  readonly #listenHost: string | null;
  readonly #publicUrl: URL | null;

  constructor({ listenHost, publicUrl }: KnownHostsOptions = {}) {
    this.#listenHost = listenHost?.toLowerCase() ?? null;
    this.#publicUrl = publicUrl === undefined ? null : new URL(publicUrl);
  }

  /** Whether the header `Host` names this server. */
  knows(host: string | undefined): boolean {
    const url = toUrl('http:', host);
    if (url === null) return false;
    if (this.#isPublic(host)) return true;
    const name = url.hostname.replace(/^\[|\]$/g, '');
    return isLoopback(name) || name === this.#listenHost;
  }

  /** Whether the header `Origin` is that of the pages of this server, known as `host`. */
  isOwnOrigin(origin: string, host: string | undefined): boolean {
    if (this.#publicUrl !== null && this.#isPublic(host)) return origin === this.#publicUrl.origin;
    if (!URL.canParse(origin)) return false;
    const { protocol, host: originHost, origin: normal } = new URL(origin);
    const isWeb = protocol === 'http:' || protocol === 'https:';
    return isWeb && origin === normal && originHost === toUrl(protocol, host)?.host;
  }

  #isPublic(host: string | undefined): boolean {
    const url = this.#publicUrl;
    return url !== null && toUrl(url.protocol, host)?.host === url.host;
  }
}

/** A header `Host` as a URL, which leaves out the usual port; null: it is none. */
function toUrl(protocol: string, host: string | undefined): URL | null {
  if (host === undefined || /[^\w.:[\]-]/.test(host)) return null;
  const text = `${protocol}//${host}/`;
  return URL.canParse(text) ? new URL(text) : null;
}

function isLoopback(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}
