import { describe, expect, it } from 'vitest';
import type { Instance } from '../api/replies.ts';
import { severalVersions } from './several-versions.ts';

let id = 0;
function instance(service: string | null, version: string | null): Instance {
  id += 1;
  const connectedAt = '2026-06-01T12:00:00.000Z';
  const where = { host: null, pid: null, address: null };
  return { id: String(id), service, version, ...where, connected_at: connectedAt, via: 'redis', api_key: null };
}

describe('services in several versions', () => {
  it('are told with how many instances run each, in the order of the versions', () => {
    const fleet = [instance('alerter', '2.10.0'), instance('alerter', '2.9.1'), instance('alerter', '2.10.0')];
    expect(severalVersions([...fleet, instance('ingestor', '1.0.0'), instance('ingestor', '1.0.0')])).toEqual([
      {
        service: 'alerter',
        versions: [
          { version: '2.9.1', count: 1 },
          { version: '2.10.0', count: 2 },
        ],
      },
    ]);
  });

  it('are none where instances do not say what they are', () => {
    expect(
      severalVersions([instance(null, '1'), instance(null, '2'), instance('a', null), instance('a', '1')]),
    ).toEqual([]);
  });
});
