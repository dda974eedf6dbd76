import { urlEndpoint } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { nodesEndpoint } from './nodes-endpoint.ts';
import { namesNodes } from './nodes-url.ts';

/** Where the Redis is that a URL names: one, or one of several that changes places with others. */
export function endpointOf(url: string, prefix: string): Endpoint {
  return namesNodes(url) ? nodesEndpoint(url, prefix) : urlEndpoint(url);
}
