import { isIP } from 'node:net';
import { StartupError } from './startup-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Under which address people come, and from which proxies. */
export interface Addresses {
  readonly publicUrl?: string;
  readonly trustProxy?: readonly string[];
}

/** @throws StartupError */
export function readAddresses(env: Environment): Addresses {
  const publicUrl = readPublicUrl(env);
  const trustProxy = readTrustProxy(env);
  return { ...(publicUrl !== undefined && { publicUrl }), ...(trustProxy !== undefined && { trustProxy }) };
}

function readPublicUrl(env: Environment): string | undefined {
  const text = env['MUTT_PUBLIC_URL'] || undefined;
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && ['http:', 'https:'].includes(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new StartupError(
    `MUTT_PUBLIC_URL must look like https://config.internal, without a path, and it is ${JSON.stringify(text)}.`,
  );
}

/** Addresses only: with "all", or a number of proxies, everybody could write anything into `X-Forwarded-For`. */
function readTrustProxy(env: Environment): readonly string[] | undefined {
  const text = env['MUTT_TRUST_PROXY'] || undefined;
  if (text === undefined) return undefined;
  const addresses = text.split(',').map((one) => one.trim());
  if (addresses.every(isProxyAddress)) return addresses;
  throw new StartupError(
    `MUTT_TRUST_PROXY must be the addresses of the proxies in front, such as 10.0.0.5, 10.1.0.0/16, and it is ${JSON.stringify(text)}.`,
  );
}

function isProxyAddress(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
  );
}
