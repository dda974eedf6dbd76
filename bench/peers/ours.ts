import { DynamicConfig } from '@mutt/dynamic-config';
import type { Peer } from './peer.ts';
import { redisArgs } from './redis-args.ts';

const SILENT = { info() {}, warn() {}, error() {} };

/** This library, on a Redis. */
export const ours: Peer = {
  name: 'ours',
  title: 'MUTT, on Redis',
  command: 'redis-server',
  args: redisArgs,
  redisKey: 'mutt:config:bench',
  async connect(port) {
    // On a busy machine, hundreds of clients take their time to connect.
    const options = { logger: SILENT, startupTimeoutMs: 60_000 };
    const config = await DynamicConfig.connect(`redis://127.0.0.1:${port}`, options);
    const get = (): string => config.get('bench', '');
    return {
      put: (value) => config.set('bench', value),
      async watch(onValue) {
        config.registerCallback('bench', (_, value = '') => onValue(value));
      },
      get,
      served: get,
      saysCurrent: () => config.status().state === 'live' && config.status().alarm === null,
      close: () => void config.close(),
    };
  },
};
