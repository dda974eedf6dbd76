import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../support/report.ts';
import { filesOfRows, patternOf, root } from './row-tests.ts';

/** What became of one test. */
export interface TestResult {
  readonly name: string;
  readonly hasPassed: boolean;
  readonly messages: readonly string[];
}

export interface RunResult {
  readonly tests: readonly TestResult[];
  /** Names of tests of these rows that were there, and were not run: what they need is not to be had here. */
  readonly skipped: readonly string[];
  /** What the tests themselves told. */
  readonly findings: readonly Finding[];
}

export interface RunOptions {
  readonly rows: readonly number[];
  /** A part of the names of the only tests of them that are wanted. */
  readonly part?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Nothing is printed while it goes on. */
  readonly isQuiet: boolean;
  /** The first failure is enough. */
  readonly stopsAtFailure?: boolean;
}

interface JsonReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

/** Runs the tests of some rows, in a Vitest of their own. */
export async function runTests({ rows, part, env, isQuiet, stopsAtFailure = false }: RunOptions): Promise<RunResult> {
  const folder = await mkdtemp(join(tmpdir(), 'mutt-faults-'));
  const [reportFile, findingsFile] = [join(folder, 'report.json'), join(folder, 'findings.jsonl')];
  try {
    const files = [...(await filesOfRows())].filter(([, of]) => of.some((row) => rows.includes(row)));
    const args = [
      'run',
      ...files.map(([path]) => path),
      '-t',
      patternOf(rows, part),
      ...(stopsAtFailure ? ['--bail=1'] : []),
    ];
    const reporters = [
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...(isQuiet ? [] : ['--reporter=default']),
    ];
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const child = spawn(process.execPath, [vitest, ...args, ...reporters], {
      cwd: root,
      // Whoever reads standard output wants the result alone.
      stdio: ['ignore', isQuiet ? 'ignore' : process.stderr, isQuiet ? 'ignore' : process.stderr],
      env: { ...process.env, ...env, FAULT_REPORT: findingsFile },
    });
    await once(child, 'exit');
    const report = JSON.parse(await readFile(reportFile, 'utf8')) as JsonReport;
    const isWanted = new RegExp(patternOf(rows, part));
    const skipped = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ fullName, status }) => !hasRun(status) && isWanted.test(fullName))
        .map(({ fullName }) => fullName),
    );
    return { tests: report.testResults.flatMap(testsOf), skipped, findings: await readFindings(findingsFile) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function testsOf({ name, message, assertionResults }: JsonReport['testResults'][number]): TestResult[] {
  const ran = assertionResults.filter(({ status }) => hasRun(status));
  const tests = ran.map(({ fullName, status, failureMessages }) => ({
    name: fullName,
    hasPassed: status === 'passed',
    messages: failureMessages ?? [],
  }));
  // A file that could not be loaded, or whose preparations failed, has no tests that say so.
  const isBroken = message !== '' && tests.every(({ hasPassed }) => hasPassed);
  return isBroken ? [...tests, { name, hasPassed: false, messages: [message] }] : tests;
}

function hasRun(status: string): boolean {
  return status === 'passed' || status === 'failed';
}

async function readFindings(path: string): Promise<Finding[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Finding);
}
