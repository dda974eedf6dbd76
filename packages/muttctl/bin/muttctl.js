#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

const main = new URL('../dist/main.js', import.meta.url);

if (existsSync(main)) {
  // Node 22 and later keep the compiled code on disk, which makes every start but the first quicker.
  module.enableCompileCache?.();
  await import(main.href);
} else {
  console.error('muttctl is not built yet: run `npm start` or `npm run build` first.');
  process.exitCode = 1;
}
