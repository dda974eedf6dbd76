import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const root = pathToFileURL(createRequire(import.meta.url).resolve('@mutt/services/package.json'));

/** A file of this package that is not compiled, by its path in it: the same from the sources and from `dist`. */
export function packageFile(path: string): URL {
  return new URL(path, root);
}
