#!/usr/bin/env node
import { statSync } from 'node:fs';
import module from 'node:module';

const main = newest('../dist/bundle/js/main.js', '../dist/main.js');

if (main !== null) {
  // Node 22 and later keep the compiled code on disk, which makes every start but the first quicker.
  module.enableCompileCache?.();
  await import(main.href);
} else {
  console.error('muttctl is not built yet: run `npm start` or `npm run build` first.');
  process.exitCode = 1;
}

/** The bundle starts in a third of the time, but whoever compiles while developing does not bundle. */
function newest(bundle, compiled) {
  const bundledAt = builtAt(bundle);
  if (bundledAt === null) return builtAt(compiled) === null ? null : new URL(compiled, import.meta.url);
  const builds = ['../dist/.tsbuildinfo', '../../dynamic-config/dist/.tsbuildinfo'].map(builtAt);
  return new URL(builds.every((at) => at === null || at <= bundledAt) ? bundle : compiled, import.meta.url);
}

function builtAt(path) {
  return statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? null;
}
