/** A version of a service with a declared setting, that prints what it serves and what it refuses; for the tests. */
import { DynamicConfig, integer } from '@mutt/dynamic-config';

const [url = '', version = '', most = ''] = process.argv.slice(2);
const config = await DynamicConfig.connect(url, {
  service: { name: 'forwarder', version },
  settings: { moog_rate_limit: integer({ min: 1, max: Number(most), default: 100 }) },
  onInvalid: ({ problem }) => console.log(`refuses ${problem}`),
});
config.registerCallback('moog_rate_limit', (_, value) => console.log(`serves ${value}`));
console.log(`serves ${config.get('moog_rate_limit')}`);
