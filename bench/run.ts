/**
 * npm run bench [-- --quick] [--json] [--peers] [--write] [--only=name,name]: figures as ratios against a floor that is
 * measured in the same run. `--only` takes names of measures, or their beginnings; `--peers --only=peers` compares, and does
 * nothing else. `--scale` measures large fleets, and nothing else. `--write` puts these two where they are read: into the
 * README, and docs/scale.md.
 */
import { auditDrainBench } from './audit-drain.ts';
import { auditQueryBench } from './audit-query.ts';
import { cliBench } from './cli.ts';
import { commitRateBench } from './commit-rate.ts';
import { fanoutBench } from './fanout.ts';
import type { Bench, Figure } from './figure.ts';
import { httpGetBench } from './http-get.ts';
import { idleBench } from './idle.ts';
import { memoryBench } from './memory.ts';
import { comparePeers, NOTHING_COMPARED } from './peers/compare-peers.ts';
import { peersTable } from './peers/peers-table.ts';
import { propagationBench, rawSetBench } from './propagation.ts';
import { readBench } from './read.ts';
import { printJson, printTable } from './report.ts';
import { runScale } from './scale/run-scale.ts';
import { settingsBench } from './settings.ts';
import { startupBench } from './startup.ts';
import { streamFanoutBench } from './stream-fanout.ts';
import { streamMemoryBench } from './stream-memory.ts';
import { webUiBench } from './web-ui.ts';
import { writeSection } from './write-section.ts';

const flags = process.argv.slice(2);
const LONGEST_MS = (flags.includes('--scale') ? 20 : flags.includes('--peers') ? 10 : 5) * 60_000;

const quick = flags.includes('--quick');
const json = flags.includes('--json');
const write = flags.includes('--write');
const only = flags
  .find((flag) => flag.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',') ?? [''];

const isWanted = ({ names }: Bench): boolean => names.some((name) => only.some((wanted) => name.startsWith(wanted)));
const inTurn = [
  readBench,
  propagationBench,
  rawSetBench,
  fanoutBench,
  commitRateBench,
  startupBench,
  memoryBench,
  httpGetBench,
  streamMemoryBench,
  streamFanoutBench,
  auditDrainBench,
  auditQueryBench,
  cliBench,
  settingsBench,
  webUiBench,
];

setTimeout(() => {
  console.error(`The bench was not done after ${LONGEST_MS / 60_000} minutes.`);
  process.exit(1);
}, LONGEST_MS).unref();

if (flags.includes('--scale')) {
  await runScale({ quick, json, write });
  process.exit(0);
}

// It does nothing for a minute, on a Redis of its own: the others need not wait for it.
const idle = isWanted(idleBench) ? idleBench.run({ quick }) : Promise.resolve([]);
const figures: Figure[] = [];
for (const bench of inTurn.filter(isWanted)) {
  if (!json) console.error(`${bench.names.join(', ')} …`);
  figures.push(...(await bench.run({ quick })));
}
figures.push(...(await idle));
const compared = flags.includes('--peers') ? await comparePeers(quick) : NOTHING_COMPARED;
figures.push(...compared.figures);
(json ? printJson : printTable)(figures, compared);
if (flags.includes('--peers') && write) {
  await writeSection('README.md', 'peers', peersTable(compared));
}
