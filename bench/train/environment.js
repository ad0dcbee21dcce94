import { cpus, loadavg, totalmem } from 'node:os';

/** What was asked for, and the machine that answered. */
export function environment({ model, batch, fakes, rounds, iterations, warmup, threads }) {
  const options = {
    model,
    fakes,
    batch: Number(batch),
    rounds: Number(rounds),
    iterations: Number(iterations),
    warmup: Number(warmup),
    threads: Number(threads),
  };
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    loadAfterwards: loadavg()[0],
  };
  return { time: new Date().toISOString(), options, machine };
}
