import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const LIBRARY = 'packages/dynamic-config/src';
const SERVER = 'packages/server/src';
const MUTTCTL = 'packages/muttctl/src';

/** What must not be imported from where. One rule of lint replaces another for the same file, so each is seen to hold. */
const REFUSED: readonly (readonly [file: string, imported: readonly string[]])[] = [
  [
    `${LIBRARY}/replica/a.ts`,
    [
      'kysely',
      'fastify',
      'node:fs',
      'fs',
      'fs/promises',
      '@redis/client',
      '../redis/index.ts',
      '../memory/memory-store.ts',
      '../watcher.ts',
      '@mutt/server',
      '../../../server/src/app.ts',
    ],
  ],
  [`${LIBRARY}/settings/a.ts`, ['kysely', 'node:timers', 'crypto', '../http/index.ts', '../dynamic-config.ts']],
  [
    `${LIBRARY}/redis/a.ts`,
    [
      '../http/index.ts',
      '../memory/memory-store.ts',
      '../replica/replica.ts',
      '../settings/a.ts',
      '../watcher.ts',
      '../dynamic-config.ts',
      '../index.ts',
      '../notifier.ts',
      'pg',
      '@mutt/server',
      '@mutt/dynamic-config',
    ],
  ],
  [
    `${LIBRARY}/http/a.ts`,
    [
      '../redis/index.ts',
      '../memory/memory-store.ts',
      '../replica/replica.ts',
      '../open-store.ts',
      '@redis/client',
      'pg',
      '@mutt/server',
    ],
  ],
  [
    `${LIBRARY}/memory/a.ts`,
    [
      '../redis/index.ts',
      '../http/index.ts',
      '../replica/replica.ts',
      '../watcher.ts',
      '@redis/client',
      'kysely',
      '@mutt/server',
    ],
  ],
  [
    `${LIBRARY}/a.ts`,
    [
      './redis/index.ts',
      './http/http-store.ts',
      '@redis/client',
      'fastify',
      '../../server/src/app.ts',
      '../../muttctl/src/run.ts',
      'commander',
    ],
  ],
  [`${LIBRARY}/testing/a.ts`, ['fastify', '../../../server/src/app.ts']],
  [`${LIBRARY}/index.ts`, ['fastify', '../../muttctl/src/run.ts']],
  [
    `${SERVER}/config/a.ts`,
    [
      'muttctl',
      'commander',
      '../../../muttctl/src/run.ts',
      '../../../dynamic-config/src/errors.ts',
      '@mutt/dynamic-config/redis',
      '@mutt/dynamic-config/http',
      '../embedded/embedded-store.ts',
    ],
  ],
  [`${SERVER}/compose.ts`, ['muttctl', '../../dynamic-config/src/errors.ts']],
  [
    `${MUTTCTL}/a.ts`,
    ['@mutt/server', '../../server/src/index.ts', '../../dynamic-config/src/errors.ts', 'fastify', '@redis/client'],
  ],
];

const ALLOWED: readonly (readonly [file: string, imported: readonly string[]])[] = [
  [`${LIBRARY}/replica/b.ts`, ['../store.ts', '../change-set.ts', './replica.ts']],
  [`${LIBRARY}/redis/b.ts`, ['../store.ts', '../errors.ts', '@redis/client', 'node:crypto', './session.ts']],
  [`${LIBRARY}/http/b.ts`, ['../store.ts', '../errors.ts', 'node:timers/promises']],
  [`${LIBRARY}/open-store.ts`, ['./redis/redis-store.ts', './http/http-store.ts']],
  [`${LIBRARY}/b.ts`, ['./replica/replica.ts', './store.ts', 'node:os']],
  [`${SERVER}/config/b.ts`, ['@mutt/dynamic-config', 'fastify', '../database/schema.ts']],
  [`${SERVER}/compose.ts`, ['@mutt/dynamic-config/redis', './embedded/embedded-store.ts']],
  [`${MUTTCTL}/b.ts`, ['@mutt/dynamic-config', 'commander']],
  [`${SERVER}/b.test.ts`, ['@mutt/dynamic-config/redis', '@mutt/dynamic-config/testing']],
];

let folder: string;
/** The files of which lint refuses an import, by a name of their own for each import. */
let refused: ReadonlySet<string>;

const cases = (list: typeof REFUSED): (readonly [file: string, imported: string])[] =>
  list.flatMap(([file, all]) => all.map((imported) => [file, imported] as const));

/** compose.ts and its like go by their name, so each import is linted in a tree of its own. */
const trees = new Map<string, string>();
function pathOf(file: string, imported: string): string {
  const id = `${file} ${imported}`;
  const tree = trees.get(id) ?? `tree${trees.size}`;
  trees.set(id, tree);
  return join(tree, file);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mutt-house-'));
  for (const [file, imported] of [...cases(REFUSED), ...cases(ALLOWED)]) {
    const path = join(folder, pathOf(file, imported));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `import { x } from '${imported}';\nexport const y = x;\n`);
  }
  for (const tree of trees.values()) await copyFile(join(root, '.oxlintrc.json'), join(folder, tree, '.oxlintrc.json'));
  const { stdout } = spawnSync(join(root, 'node_modules', '.bin', 'oxlint'), ['--format', 'json', '.'], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  refused = new Set(
    diagnostics.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename }) => filename),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('lint keeps the directions of imports', () => {
  it.each(cases(REFUSED))('%s does not import %s', (file, imported) => {
    expect(refused).toContain(pathOf(file, imported));
  });

  it.each(cases(ALLOWED))('%s may import %s', (file, imported) => {
    expect(refused).not.toContain(pathOf(file, imported));
  });
});
