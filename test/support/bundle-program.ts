import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build as bundle } from 'esbuild';
import type { Plugin } from 'esbuild';
import { runFolder } from './made-once.ts';
import { sourceToRun } from './seeded-bug.ts';

/**
 * Puts a program and the sources that it imports into one file that Node runs as it is. To have them compiled as they are
 * loaded (tsx) takes a process most of a second of computing each time that it starts.
 *
 * @returns the path of that file.
 */
export async function bundleProgram(file: URL): Promise<string> {
  const path = fileURLToPath(file);
  const outfile = join(runFolder(), `${basename(path)}-${randomUUID()}.mjs`);
  await bundle({
    entryPoints: [path],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['@mutt/source'],
    sourcemap: 'inline',
    plugins: [packagesStay, placesStay],
    logLevel: 'error',
  });
  return outfile;
}

/** Packages are loaded from where they are installed. */
const packagesStay: Plugin = {
  name: 'packages-stay',
  setup(build) {
    build.onResolve({ filter: /^[\w@]/ }, async ({ path, pluginData, ...from }) => {
      const isPackage = from.kind !== 'entry-point' && !/^(@mutt\/|node:)/.test(path);
      if (!isPackage || pluginData === packagesStay) return null;
      const found = await build.resolve(path, { ...from, pluginData: packagesStay });
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

/** A source finds what lies beside it, its Lua for one, where it was. */
const placesStay: Plugin = {
  name: 'places-stay',
  setup(build) {
    build.onLoad({ filter: /\.m?[jt]s$/ }, async ({ path }) => ({
      contents: sourceToRun(path, await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: path.endsWith('ts') ? 'ts' : 'js',
    }));
  },
};
