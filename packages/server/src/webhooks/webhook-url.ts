import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

const LONGEST = 2_048;

export interface UrlRules {
  /** Allows what is not public, and http. */
  readonly allowPrivate: boolean;
}

/** Why nothing may be sent there, as a sentence; null: it may, as far as the URL tells. */
export function problemWithUrl(text: string, { allowPrivate }: UrlRules): string | null {
  if (text.length > LONGEST || !URL.canParse(text)) {
    return `The url must be a URL such as https://example.com/hook, of at most ${LONGEST} characters.`;
  }
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) {
    return 'The url must begin with https://. To allow http, start the server with MUTT_WEBHOOK_ALLOW_PRIVATE=true.';
  }
  if (url.username !== '' || url.password !== '') {
    return 'The url must carry no user and no password: it is shown to others. Check the signature instead.';
  }
  const address = hostOf(url);
  return isIP(address) !== 0 && !allowPrivate && !isPublicAddress(address) ? notPublic(address) : null;
}

/** The host of a URL as DNS and sockets want it. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

export function notPublic(address: string): string {
  return `${address} is not a public address. To allow it, start the server with MUTT_WEBHOOK_ALLOW_PRIVATE=true.`;
}
