/**
 * Compares TPE with Optuna's on three functions, 100 trials with 8 at a time, by the best value of each of 20 seeds. Optuna's numbers
 * are those of tests/fixtures/search/tpe.json, which bench/reference/make_search.py makes.
 *
 *     npm run bench:search [-- --seeds 20 --only branin,hartmann,tree --method tpe]
 *
 * p is that of the two-sided rank test of Mann and Whitney: small where one of the two is better by more than chance.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { importSource } from './source.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    only: { type: 'string', default: 'branin,hartmann,tree' },
    method: { type: 'string', default: 'tpe' },
  },
});
const file = new URL('../tests/fixtures/search/tpe.json', import.meta.url);
const { madeWith, tpe: optuna } = JSON.parse(readFileSync(file, 'utf8'));
const { suggesters, normalMass, objectives, runSweep } = await importSource(
  'src/search/suggest.ts',
  'src/search/normal.ts',
  'tests/search/objectives.ts',
);

console.log(`best of 100 trials, 8 at a time; Optuna ${madeWith.optuna}`);
console.log('function   quartiles of ours            quartiles of Optuna          p');
for (const name of values.only.split(',')) {
  const { space, best: theirs } = optuna[name];
  const began = performance.now();
  const ours = Array.from({ length: Number(values.seeds) }, (_, at) => {
    const sweep = { space, seed: at + 1, count: 100, parallel: 8 };
    return Math.min(
      ...runSweep(suggesters[values.method], objectives[name], sweep).map(({ value }) => value),
    );
  });
  const each = (performance.now() - began) / ours.length / 100;
  const p = rankTest(ours, theirs).toFixed(3);
  console.log(
    `${name.padEnd(10)} ${quartiles(ours)} ${quartiles(theirs)} ${p}   ${each.toFixed(1)} ms a point`,
  );
}

function quartiles(numbers) {
  const sorted = numbers.toSorted((left, right) => left - right);
  const at = [0.25, 0.5, 0.75].map(share => sorted[Math.round(share * (sorted.length - 1))].toFixed(4));
  return at.join('  ').padEnd(28);
}

/** The p of the rank test, by the normal approximation, without a correction for ties. */
function rankTest(ours, theirs) {
  const [n, m] = [ours.length, theirs.length];
  const wins = ours.flatMap(our => theirs.map(their => (our < their ? 1 : our === their ? 0.5 : 0)));
  const u = wins.reduce((sum, win) => sum + win, 0);
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / Math.sqrt((n * m * (n + m + 1)) / 12);
  return 2 * normalMass(z, Infinity);
}
