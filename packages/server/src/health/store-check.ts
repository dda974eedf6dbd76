import { ConfigError } from '@mutt/dynamic-config';
import type { DynamicConfig } from '@mutt/dynamic-config';
import type { ComponentCheck } from './component-check.ts';

/** Up while the values are proven current. */
export function storeCheck(config: DynamicConfig): ComponentCheck {
  return {
    name: 'store',
    isRequired: true,
    check() {
      const { state, lastError } = config.status();
      if (state === 'live' || state === 'polling') return { status: 'up' };
      const because = lastError instanceof ConfigError ? ` (${lastError.code})` : '';
      const where = state === 'offline' ? 'out of reach' : 'silent';
      return { status: 'down', message: `The store is ${where}${because}. Reads go on from memory.` };
    },
  };
}
