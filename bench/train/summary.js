import { flopPerIteration } from '../arithmetic.js';
import { OURS, PEAK } from './entries.js';

/**
 * Turns every process's line into numbers per entry. `ms` is the median of the rounds' medians, `spread` the least and the
 * greatest of them: rounds are hit by the machine's other work as a whole, so iterations of one are not independent.
 */
export function summarise(chosen, lines, problems, flop) {
  const peaks = (lines.get(PEAK) ?? []).map(({ gflops }) => gflops);
  const peakGflops = peaks.length > 0 ? Math.max(...peaks) : undefined;
  const results = chosen
    .filter(({ name }) => name !== PEAK)
    .map(({ name }) => ({ name, problem: problems.get(name), ...numbers(lines.get(name), flop) }));
  const measured = results.filter(({ ms }) => ms !== undefined);
  const ours = measured.find(({ name }) => name === OURS);
  const fastestPeer = measured.filter(({ name }) => name !== OURS).toSorted((a, b) => a.ms - b.ms)[0];
  return {
    peakGflops,
    baseline: (ours ?? fastestPeer)?.name,
    fastestPeer: fastestPeer?.name,
    results: results.map(result => withRatios(result, peakGflops, ours ?? fastestPeer)),
  };
}

function numbers(rounds, flop) {
  const [first] = rounds;
  if (first === undefined) return {};
  const medians = rounds.map(({ ms }) => median(ms));
  const ms = median(medians);
  return {
    ms,
    spread: [Math.min(...medians), Math.max(...medians)],
    imagesPerSecond: (first.batch / ms) * 1000,
    gflops: flopPerIteration(flop, first) / ms / 1e6,
    fakes: first.fakes,
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    warmupMs: median(rounds.map(({ warmupMs }) => warmupMs)),
    peakRssMb: Math.max(...rounds.map(({ peakRssMb }) => peakRssMb)),
    validation: validationOf(rounds, ms, first.batch),
    versions: first.versions,
    rounds: rounds.map(round => round.ms),
  };
}

/** The median milliseconds of measuring so many examples, and their share of an epoch's, where an entry validates. */
function validationOf(rounds, ms, batch) {
  const [{ validation: first }] = rounds;
  if (first === undefined) return undefined;
  const { examples, ofExamples } = first;
  const took = median(rounds.map(({ validation }) => validation.ms));
  const cpu = median(rounds.map(({ validation, cpuMs }) => validation.cpuMs / cpuMs));
  const iterations = ofExamples / batch;
  return { examples, ofExamples, ms: took, ofEpoch: took / (ms * iterations), cpuOfEpoch: cpu / iterations };
}

function withRatios(result, peakGflops, baseline) {
  if (result.ms === undefined) return result;
  const ofPeak = peakGflops === undefined ? undefined : result.gflops / peakGflops;
  return { ...result, ofPeak, timesBaseline: result.ms / baseline.ms };
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
