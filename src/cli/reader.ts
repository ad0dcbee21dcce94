/** The process that reads a pipeline for `pipe watch`. */
import { Failure } from '../core/failure.ts';
import { loadPlan } from '../plan/load-plan.ts';
import { failureDetail } from '../run/failure-detail.ts';
import { endWithStarter } from '../run/process/lifeline.ts';
import { readResult } from '../watch/pipeline.ts';
import type { ReadMessage } from '../watch/read-process.ts';

// Stacks of errors in users' stages name their own files and lines.
process.setSourceMapsEnabled(true);
endWithStarter(0);
// The channel alone must not keep this process alive: going idle reveals a wait that never ends.
process.channel?.unref();

const [file = '', ...set] = process.argv.slice(2);

const tell = (message: ReadMessage): Promise<void> =>
  new Promise(resolve => {
    process.send?.(message, undefined, undefined, () => {
      resolve();
    });
  });

async function read(): Promise<ReadMessage> {
  const cwd = process.cwd();
  const onSources = (sources: readonly string[]) => tell({ type: 'sources', sources });
  try {
    const loaded = await loadPlan(file, { set, cwd, env: process.env, onSources });
    return { type: 'read', result: await readResult(loaded, cwd) };
  } catch (error) {
    const exitCode = error instanceof Failure && error.exitCode === 2 ? 2 : 1;
    return { type: 'failed', failure: { ...failureDetail(error), exitCode } };
  }
}

await tell(await read());
// Handles that the file of a stage left open must not delay the end.
process.exit();
