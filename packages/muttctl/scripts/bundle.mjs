// Puts all that muttctl consists of into a few files: Node spends most of a cold start on opening hundreds of small ones.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const library = fileURLToPath(new URL('../../dynamic-config', import.meta.url));

/** Dependencies that are CommonJS ask for Node's own modules by `require`. */
const REQUIRE = 'const require = process.getBuiltinModule;';

/**
 * Of the Redis client only what the library uses: it sends commands as they are written, and needs neither the client's
 * hundreds of methods for them, nor, before they are needed, its Sentinels and Clusters. What is missing here shows in the
 * tests of every command, which run the bundle.
 */
const LEAN_REDIS_CLIENT = {
  '/dist/index.js': `
    Object.assign(exports, require('./lib/errors'));
    exports.RESP_TYPES = require('./lib/RESP/decoder').RESP_TYPES;
    exports.createClient = require('./lib/client').default.create;
    exports.BasicClientSideCache = require('./lib/client/cache').BasicClientSideCache;
    exports.createSentinel = (options) => require('./lib/sentinel').default.create(options);
    exports.createCluster = (options) => require('./lib/cluster').default.create(options);`,
  '/dist/lib/commands/index.js': `
    const load = (command) => command.default ?? command;
    exports.__esModule = true;
    exports.default = {
      AUTH: load(require('./AUTH')),
      CLIENT_SETNAME: load(require('./CLIENT_SETNAME')),
      clusterSlots: load(require('./CLUSTER_SLOTS')),
      READONLY: load(require('./READONLY')),
    };
    exports.NON_STICKY_COMMANDS = exports.default;`,
  // Says which of those methods may go to a replica, or be cached.
  '/dist/lib/command-metadata/command-metadata-data.js': 'exports.COMMAND_METADATA = {};',
};

const leanRedisClient = {
  name: 'lean-redis-client',
  setup({ onLoad }) {
    const filter = /@redis[/\\]client[/\\]dist[/\\](index|lib[/\\]commands[/\\]index|.*command-metadata-data)\.js$/;
    onLoad({ filter }, ({ path }) => {
      const [, contents] = Object.entries(LEAN_REDIS_CLIENT).findLast(([end]) =>
        path.replaceAll('\\', '/').endsWith(end),
      );
      return { contents, loader: 'js', resolveDir: dirname(path) };
    });
  },
};

/**
 * Bundles the sources into `<folder>/bundle/js`, and puts what they read beside them where they look for it.
 *
 * @returns the path of the bundle's main module.
 */
export async function bundle(folder = join(root, 'dist')) {
  const to = join(folder, 'bundle');
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  await build({
    entryPoints: [join(root, 'src/main.ts')],
    outdir: join(to, 'js'),
    bundle: true,
    // What a command imports when it runs stays apart.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['@mutt/source'],
    minify: true,
    banner: { js: REQUIRE },
    plugins: [leanRedisClient],
    logLevel: 'warning',
  });
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await writeFile(join(to, 'package.json'), JSON.stringify({ type: 'module', version }));
  await cp(join(library, 'lua'), join(folder, 'lua'), { recursive: true });
  return join(to, 'js/main.js');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
