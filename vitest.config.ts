import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { seededBugPlugin } from './test/support/seeded-bug.ts';

const TIMED = ['test/faults/**/*.test.ts', 'test/interop/**/*.test.ts'];
/** The faults that take longest: tried where all are wanted, by `npm run test:faults` or with FAULTS=full, or briefly, with FAULTS=brief. */
const LONG_FAULTS = [
  'audit-database',
  'audit-embedded',
  'audit-writer-killed',
  'cluster',
  'everything',
  'http-store',
  'links',
  'sentinel',
].map((name) => `test/faults/${name}.test.ts`);
const left = ['full', 'brief'].includes(process.env['FAULTS'] ?? '') ? [] : LONG_FAULTS;
const conditions = ['@mutt/source', 'node'];

export default defineConfig({
  plugins: [seededBugPlugin()],
  ssr: { resolve: { conditions } },
  resolve: { conditions },
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    restoreMocks: true,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['packages/*/src/**/*.test.ts', 'services/*/**/*.test.ts', 'test/**/*.test.ts'],
          // Test files share a process, and with it what is loaded and compiled: anew for each, that took a third of all.
          // So a test undoes what it does to the process: fakes of its clock, signals, the environment.
          isolate: false,
          exclude: [...configDefaults.exclude, 'services/dist/**', ...TIMED],
        },
      },
      // Where milliseconds count, nothing of another file may be left in the process.
      { extends: true, test: { name: 'timed', include: TIMED, exclude: [...configDefaults.exclude, ...left] } },
    ],
  },
});
