import Table from 'cli-table3';

const HEAD = ['', 'ms', 'rounds', 'CPU ms', 'images/s', 'GFLOP/s', 'of peak', 'memory MB'];

/** The result as text: one row per entry, from the fastest to the slowest, then those that gave no time. */
export function renderTable({ options, machine, peakGflops, baseline, fastestPeer, results }) {
  const table = new Table({
    head: [...HEAD, `time / ${baseline ?? '–'}`],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', ...HEAD.map(() => 'right')],
  });
  const measured = results.filter(({ ms }) => ms !== undefined).toSorted((a, b) => a.ms - b.ms);
  for (const result of measured) table.push(row(result));
  const missing = results.filter(({ ms }) => ms === undefined);
  const { model, batch, threads, rounds, iterations } = options;
  const fakes = measured[0]?.fakes ?? options.fakes;
  return [
    `${model}, batch ${batch}, ${fakes === undefined ? '' : `fakes: ${fakes}, `}${threads} threads; medians of ${rounds} rounds of ${iterations} iterations`,
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; best matrix product ${fixed(peakGflops, 0)} GFLOP/s`,
    table.toString(),
    ...missing.map(({ name, problem }) => `${name}: ${problem}`),
    ...verdict(measured, baseline, fastestPeer),
    ...measured.flatMap(validationLine),
  ].join('\n');
}

function row({ name, ms, spread, cpuMs, imagesPerSecond, gflops, ofPeak, peakRssMb, timesBaseline }) {
  const [least, greatest] = spread;
  return [
    name,
    fixed(ms, 1),
    `${fixed(least, 1)}–${fixed(greatest, 1)}`,
    fixed(cpuMs, 0),
    fixed(imagesPerSecond, 1),
    fixed(gflops, 1),
    ofPeak === undefined ? '–' : `${fixed(100 * ofPeak, 0)}%`,
    fixed(peakRssMb, 0),
    `${fixed(timesBaseline, 2)}×`,
  ];
}

function verdict(measured, baseline, fastestPeer) {
  const peer = measured.find(({ name }) => name === fastestPeer);
  if (peer === undefined || baseline === fastestPeer) return [];
  return [
    `${baseline} makes ${fixed(peer.timesBaseline, 2)} times the images/s of the fastest peer, ${fastestPeer}.`,
  ];
}

function validationLine({ name, validation }) {
  if (validation === undefined) return [];
  const { examples, ofExamples, ms, ofEpoch, cpuOfEpoch } = validation;
  const count = number => number.toLocaleString('en-US');
  return [
    `${name} validates ${count(examples)} images in ${fixed(ms / 1000, 1)} s: ${fixed(100 * ofEpoch, 1)}% of an epoch of ` +
      `${count(ofExamples)}, ${fixed(100 * cpuOfEpoch, 1)}% of its CPU time.`,
  ];
}

const fixed = (value, digits) => (value === undefined ? '–' : value.toFixed(digits));
