// Fails a build whose first visit is heavier than promised: `npm run build` ends with it.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 120_000; // bytes of JavaScript, gzipped, before the catalogue shows

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** The files that a chunk needs before it runs; lazy ones are not among them. */
function filesOf(name, seen = new Set()) {
  const chunk = manifest[name];
  seen.add(chunk.file);
  for (const imported of chunk.imports ?? []) filesOf(imported, seen);
  return seen;
}

const files = [...filesOf('index.html')];
const bytes = files
  .map((file) => gzipSync(readFileSync(new URL(file, dist))).length)
  .reduce((sum, size) => sum + size, 0);
const kilobytes = (bytes / 1000).toFixed(1);
console.log(`Initial JavaScript: ${kilobytes} kB gzipped, of ${BUDGET / 1000} at the most.`);
if (bytes > BUDGET) process.exit(1);
