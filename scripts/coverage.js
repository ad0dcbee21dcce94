/**
 * `npm run coverage`: runs the named tests, or all, and prints the share of each file's lines that they execute, in the test
 * processes and in commands started by them. Fails where a file has less than 80% and is not in coverage-reasons.js, or is listed
 * there without need.
 */
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import coverage from 'istanbul-lib-coverage';
import { CoverageReport } from 'monocart-coverage-reports';
import { REASONS } from './coverage-reasons.js';
import { root, run, say, tool } from './steps.js';

const isPartial = process.argv.length > 2;

/** Percent of lines. */
const ENOUGH = 80;

/** Interrupts a run at each of its operations on files, of which those that write coverage would be some. */
const EXCLUDED = 'tests/registry/superseded.test.ts';

const dir = await mkdtemp(join(tmpdir(), 'pipe-coverage-'));
const [inTests, inCommands, raw] = ['tests', 'commands', 'raw'].map(name => join(dir, name));

/** Runs vitest; returns its exit code. Commands started by tests write their coverage into `raw`. */
async function runTests() {
  await mkdir(raw);
  process.env.PIPE_COMMAND_COVERAGE = raw;
  const options = {
    enabled: 'true',
    provider: 'v8',
    include: 'src/**/*.ts',
    reporter: 'json',
    reportsDirectory: inTests,
    reportOnFailure: 'true',
  };
  const flags = Object.entries(options).map(([name, value]) => `--coverage.${name}=${value}`);
  return (await run([tool('vitest'), 'run', '--exclude', EXCLUDED, ...flags, ...process.argv.slice(2)]))
    .exitCode;
}

/** Coverage of the bundle by commands, as executed lines of each file of src/. */
async function readCommands() {
  const report = new CoverageReport({
    baseDir: root,
    outputDir: inCommands,
    reports: ['none'],
    logging: 'error',
    entryFilter: ({ url }) => url.startsWith(`${pathToFileURL(root)}/dist/`),
    sourceFilter: path => path.startsWith('src/'),
  });
  await dropTorn();
  await report.addFromDir(raw);
  // Undefined where no command ran.
  const { files = [] } = (await report.generate()) ?? {};
  return new Map(files.map(({ sourcePath, data }) => [sourcePath, data.lines]));
}

/** Removes incomplete files of killed commands. */
async function dropTorn() {
  for (const name of await readdir(raw)) {
    try {
      JSON.parse(await readFile(join(raw, name), 'utf8'));
    } catch {
      await rm(join(raw, name));
    }
  }
}

/** Lines and executed lines of each file of src/. */
async function countLines() {
  const commands = await readCommands();
  const report = JSON.parse(await readFile(join(inTests, 'coverage-final.json'), 'utf8'));
  return Object.values(report).map(each => {
    const file = relative(root, each.path);
    // The tests' report says which lines have code.
    const lines = coverage.createFileCoverage(each).getLineCoverage();
    const more = commands.get(file) ?? {};
    const numbers = Object.keys(lines);
    const executed = numbers.filter(line => lines[line] > 0 || (more[line] ?? 0) !== 0);
    return { file, lines: numbers.length, executed: executed.length };
  });
}

const percent = ({ lines, executed }) => (lines === 0 ? 100 : (100 * executed) / lines);
const sum = (files, key) => files.reduce((total, file) => total + file[key], 0);
const shown = value => `${value.toFixed(1).padStart(5)}%`;

function print(files) {
  const folders = groupBy(files, folderOf);
  say('\nLines that tests execute');
  for (const [folder, its] of [...folders].sort())
    say(`  ${shown(percent({ lines: sum(its, 'lines'), executed: sum(its, 'executed') }))}  ${folder}`);
  say(`  ${shown(percent({ lines: sum(files, 'lines'), executed: sum(files, 'executed') }))}  all\n`);
  const low = files.filter(file => percent(file) < ENOUGH && (!isPartial || file.executed > 0));
  for (const file of low)
    say(`  ${shown(percent(file))}  ${file.file}: ${REASONS[file.file] ?? 'no reason is given'}`);
  const needless = Object.keys(REASONS).filter(file => !low.some(each => each.file === file));
  for (const file of needless) say(`  ${file} is in coverage-reasons.js and need not be`);
  return { unexplained: low.filter(({ file }) => REASONS[file] === undefined), needless };
}

const folderOf = ({ file }) => file.split('/').slice(0, 2).join('/');

/** Map.groupBy, which Node 20 does not have. */
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

try {
  const exitCode = await runTests();
  const { unexplained, needless } = print(await countLines());
  process.exitCode = exitCode !== 0 || (!isPartial && unexplained.length + needless.length > 0) ? 1 : 0;
} finally {
  await rm(dir, { recursive: true, force: true });
}
