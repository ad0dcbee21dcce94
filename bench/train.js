/**
 * Times the training iteration of this project against its peers, one process after the other, in rounds.
 *
 *     npm run bench:train [-- --model cgan --batch 32 --rounds 5 --json result.json]
 *
 * Everything is in bench/peers/README.md: the entries, their protocol, how to read the table.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { flopPerImage } from './arithmetic.js';
import { isClassifier } from './model.js';
import { entries, runEntry } from './train/entries.js';
import { environment } from './train/environment.js';
import { summarise } from './train/summary.js';
import { renderTable } from './train/table.js';

const usage = `Usage: npm run bench:train [-- options]

  --model <name>              cgan (the default), dcgan, acgan, sngan, cgan-projection or resnet-gan; or a classifier, such as resnet
  --batch <images>            default 32, of a classifier 128
  --fakes inference|shared    default that of the model's pipeline
  --rounds <count>            processes of each entry, interleaved; default 5
  --iterations <count>        timed iterations of a process; default 20
  --warmup <count>            iterations before them; default 5
  --threads <count>           default 2
  --only <text>               entries with this in their name; may be repeated
  --without <text>            no entries with this in their name, such as jit; may be repeated
  --json <file>               keep everything that was measured
  --declared                  cgan and dcgan by the peers that are made of the declared layers, as those of other models
  --check                     compare each entry with the independent reference instead of timing it
`;

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'cgan' },
    batch: { type: 'string' },
    fakes: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    iterations: { type: 'string', default: '20' },
    warmup: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string', multiple: true },
    without: { type: 'string', multiple: true },
    json: { type: 'string' },
    declared: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

values.batch ??= isClassifier(values.model) ? '128' : '32';

if (values.help) console.log(usage);
else if (values.check) await check();
else await measure();

async function check() {
  for (const entry of entries(values)) {
    const { line, problem } = await runEntry(entry, values);
    console.log(`${entry.name}: ${problem ?? verdict(line)}`);
    if (line?.check !== true && !problem?.startsWith('not offered')) process.exitCode = 1;
  }
}

function verdict({ check: agrees, differences }) {
  const each = differences.map(difference => difference.toExponential(1)).join(', ');
  return `${agrees ? 'agrees with' : 'DIFFERS from'} the reference; losses of iterations 1 to ${differences.length} to ${each}`;
}

async function measure() {
  const chosen = entries(values);
  const lines = new Map(chosen.map(entry => [entry.name, []]));
  const problems = new Map();
  const rounds = Number(values.rounds);
  for (let round = 0; round < rounds; round++) {
    // Each round starts with another entry, so that no one always follows the same neighbour.
    const order = chosen.map((_, at) => chosen[(at + round) % chosen.length]);
    for (const entry of order.filter(({ name }) => !problems.has(name))) {
      console.error(`round ${round + 1} of ${rounds}: ${entry.name}`);
      const { line, problem } = await runEntry(entry, values);
      if (line === undefined) problems.set(entry.name, problem);
      else lines.get(entry.name).push(line);
    }
  }
  const flop = await flopPerImage(values.model);
  const result = { ...environment(values), ...summarise(chosen, lines, problems, flop) };
  console.log(renderTable(result));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}
