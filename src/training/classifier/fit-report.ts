import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilesArtifact } from '../../core/artifacts.ts';
import { counted, formatNumber } from '../../core/format.ts';
import type { Examples } from '../../data/dataset.ts';
import type { Network } from '../../models/network.ts';
import { summarize } from '../../models/summary.ts';
import type { FitContext, OpenParts, PartScores } from './fit.ts';
import { writeReport } from './report.ts';
import type { TrainedStates } from './save.ts';
import type { ClassificationScores } from './scores.ts';
import { classLines, targetLines } from './tables.ts';
import type { RegressionScores } from './target-scores.ts';

const SUMMARY = 'summary.txt';
const REPORT = 'report';
/** Mistakes in the report. */
const WRONGEST = 40;

/**
 * Writes and publishes the table of the network's layers, and what the best weights get right and wrong of the test part, or else of
 * the validation part. Returns the files, and the result in words where there is one, such as `test accuracy 99.8%`.
 */
export async function writeFitReport(
  { outputDir, emit }: FitContext,
  network: Network,
  { parts, scores }: { readonly parts: OpenParts; readonly scores: PartScores },
  { weights, iterations }: TrainedStates,
): Promise<{ readonly report: FilesArtifact; readonly result: string | undefined }> {
  await writeFile(join(outputDir, SUMMARY), `${summarize(network)}\n`);
  emit({ type: 'publish', path: SUMMARY });
  const files = [SUMMARY];
  let result: string | undefined;
  const part = (['test', 'validation'] as const).find(name => parts[name] !== undefined);
  if (part !== undefined) {
    const dataset = parts[part] as Examples;
    const measured = await scores.of(part, weights, iterations, WRONGEST);
    const names = await writeReport(join(outputDir, REPORT), { scores: measured, dataset, part });
    files.push(...names.map(name => `${REPORT}/${name}`));
    emit({ type: 'publish', path: REPORT });
    const { classes, targets } = dataset.artifact;
    const lines =
      'perTarget' in measured ? targetLines(measured, targets?.names ?? []) : classLines(measured, classes);
    const title = `${part} part, ${counted(measured.count, 'example')}:`;
    emit({ type: 'log', level: 'notice', text: [title, ...lines].join('\n') });
    result = resultWords(part, measured);
  }
  return { report: { kind: 'files', dir: outputDir, files }, result };
}

const resultWords = (part: string, scores: ClassificationScores | RegressionScores): string =>
  'mse' in scores
    ? `${part} mean absolute error ${formatNumber(scores.mae)}`
    : `${part} accuracy ${(100 * scores.accuracy).toFixed(1)}%`;
