/**
 * `npm test`: sets everything up and runs every check and test, to the end even when some fail.
 * The last line is always `N passed, N failed`: the tests, and one for each other step.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipe, root, run, say, tool } from './steps.js';

const steps = [
  { name: 'build', command: [process.execPath, join(root, 'scripts', 'build.js')] },
  { name: 'setup', command: [...pipe, 'setup'] },
  { name: 'format', command: [tool('prettier'), '--check', '.'] },
  { name: 'types', command: [tool('tsc'), '-p', '.'] },
  { name: 'unused code', command: [tool('knip')] },
];

/** The longest of them: it runs beside the others, on a core that they leave idle. */
const lint = { name: 'lint', command: [tool('eslint'), '.'] };

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

const results = [];
const note = (name, { exitCode }) =>
  results.push({ name, passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1 });

const linting = run(lint.command, { capture: true });
for (const { name, command } of steps) {
  say(`\n── ${name}`);
  note(name, await run(command));
}
say(`\n── ${lint.name}`);
const linted = await linting;
process.stdout.write(linted.stdout);
note(lint.name, linted);
say('\n── tests');
results.push({ name: 'tests', ...(await runTests()) });

say('\n── summary');
for (const { name, passed, failed, skipped = 0 } of results) {
  const counts = name === 'tests' ? `: ${passed} passed, ${failed} failed, ${skipped} skipped` : '';
  say(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${name}${counts}`);
}
const sum = key => results.reduce((total, result) => total + result[key], 0);
process.exitCode = sum('failed') === 0 ? 0 : 1;
say(`${sum('passed')} passed, ${sum('failed')} failed`);
