import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** What takes longest though it isn't long: Vitest goes by the size of a file, as long as it has not run it before. */
const LONGEST = [
  'test/services/pipeline',
  'services/alerter/alerter',
  'services/moog-forwarder/moog-forwarder',
  'test/faults/everything',
  'test/docs/server-pages',
  'test/start',
  'test/interop/settings',
  'muttctl/src/commands/config/past',
  'muttctl/src/commands/config/declared-settings',
  'test/docs/operations-pages',
  'test/faults/restore',
  'test/docs/readme',
];

/** Starts the longest files first, so that no worker is left with one when the others have ended. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array's
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      LONGEST.some((name) => moduleId.endsWith(`${name}.test.ts`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
