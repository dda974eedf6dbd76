type Headers = Readonly<Record<string, string>>;

/** A year: browsers that were here over https come back over nothing else. */
const HSTS = 'max-age=31536000; includeSubDomains';

/**
 * Headers that keep browsers from making of a reply what it is not. Made once: they go with every reply.
 *
 * @param isHttps whether people reach the server over https only.
 */
export function securityHeaders({ isHttps }: { readonly isHttps: boolean }): Headers {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...(isHttps && { 'strict-transport-security': HSTS }),
  };
}
