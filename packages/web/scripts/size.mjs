// npm run size -w @mutt/web: how much JavaScript the settings take, the first page, compressed. Needs a build.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** More than this takes too long on a slow line. */
export const MOST_INITIAL_BYTES = 220_000;

const DIST = new URL('../dist/', import.meta.url);
/** The frame of all pages, and the page that it loads first. */
const FIRST = ['index.html', 'src/settings/settings-page.tsx'];

/** What is loaded before the settings are there, with the bytes of each file as it is sent, the largest first. */
export function initialFiles() {
  const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', DIST), 'utf8'));
  const files = new Set();
  const add = (name) => {
    const chunk = manifest[name];
    if (chunk === undefined) throw new Error(`The build has no ${name}: is it another page that comes first now?`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    (chunk.imports ?? []).forEach(add);
  };
  FIRST.forEach(add);
  return [...files]
    .map((file) => ({ file, bytes: gzipSync(readFileSync(new URL(file, DIST)), { level: 9 }).length }))
    .toSorted((a, b) => b.bytes - a.bytes);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = initialFiles();
  const sum = files.reduce((all, { bytes }) => all + bytes, 0);
  const lines = files.map(({ file, bytes }) => `${String(bytes).padStart(8)}  ${file}\n`);
  process.stdout.write(
    `${lines.join('')}${String(sum).padStart(8)}  of at most ${MOST_INITIAL_BYTES} bytes, compressed\n`,
  );
  if (sum > MOST_INITIAL_BYTES) process.exitCode = 1;
}
