/**
 * `npm test`: sets everything up and runs every check and test, to the end even when some fail.
 * The last line is always `N passed, N failed`: the tests, and one for each other step.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipe, root, run, say, tool } from './steps.js';

const build = { name: 'build', command: [process.execPath, join(root, 'scripts', 'build.js')] };
const setup = { name: 'setup', command: [...pipe, 'setup'] };

/**
 * Run one after the other beside all else: each computes on one core without a pause, and downloads and tests wait now and then.
 * What they print follows the tests.
 */
const checks = [
  { name: 'format', command: [tool('prettier'), '--check', '.'] },
  { name: 'types', command: [tool('tsc'), '-p', '.'] },
  { name: 'unused code', command: [tool('knip')] },
  { name: 'lint', command: [tool('eslint'), '.'] },
];

/** Runs vitest; returns counts of tests. A file that cannot be loaded is one failure, as is an error outside any test. */
async function runTests() {
  const dir = await mkdtemp(join(tmpdir(), 'pipe-check-'));
  const file = join(dir, 'tests.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { exitCode } = await run([tool('vitest'), 'run', ...reporters]);
    const report = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
    const { numPassedTests: passed = 0, numFailedTests = 0, numPendingTests: skipped = 0 } = report;
    const broken = (report.testResults ?? []).filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some(test => test.status === 'failed'),
    ).length;
    const failed = numFailedTests + broken;
    return { passed, skipped, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const note = (name, { exitCode }) => ({
  name,
  passed: exitCode === 0 ? 1 : 0,
  failed: exitCode === 0 ? 0 : 1,
});

const runStep = async ({ name, command }) => {
  say(`\n── ${name}`);
  return note(name, await run(command));
};

async function runChecks() {
  const done = [];
  for (const { name, command } of checks)
    done.push({ name, ...(await run(command, { capture: ['stdout', 'stderr'] })) });
  return done;
}

const results = [await runStep(build)];
const checking = runChecks();
results.push(await runStep(setup));
say('\n── tests');
const tests = { name: 'tests', ...(await runTests()) };
for (const { name, captured, exitCode } of await checking) {
  say(`\n── ${name}`);
  process.stdout.write(captured);
  results.push(note(name, { exitCode }));
}
results.push(tests);

say('\n── summary');
for (const { name, passed, failed, skipped = 0 } of results) {
  const counts = name === 'tests' ? `: ${passed} passed, ${failed} failed, ${skipped} skipped` : '';
  say(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${name}${counts}`);
}
const sum = key => results.reduce((total, result) => total + result[key], 0);
process.exitCode = sum('failed') === 0 ? 0 : 1;
say(`${sum('passed')} passed, ${sum('failed')} failed`);
