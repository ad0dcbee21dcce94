import { stat } from 'node:fs/promises';
import { defineStage, type StageContext } from '../core/stage.ts';
import { countsText } from '../data/csv/counts.ts';
import { csvParams, csvProblems, featureCount, type CsvParams } from '../data/csv/params.ts';
import { inspectTable, surveyTable, type Survey, type TableSource } from '../data/csv/survey.ts';
import { writeTable } from '../data/csv/write-table.ts';
import { describeDataset, grouped, listed } from '../data/report.ts';
import { resolveFile, shownPath } from '../data/source-path.ts';
import { UNLABELLED } from '../data/unlabelled.ts';

/** Bytes that are checked before an experiment begins; most tables have fewer. */
const INSPECTED = 8 << 20;

type Place = Pick<StageContext, 'id' | 'cwd' | 'pipelineDir'>;

async function tableOf(params: CsvParams, { id, cwd, pipelineDir }: Place): Promise<TableSource> {
  const path = await resolveFile(params.source, `${id}.source`, { workingDir: cwd, pipelineDir });
  return { path, params, words: { name: shownPath(path, cwd), stage: id } };
}

/** Tells what is left out and filled in. */
function reportSurvey({ emit, params }: StageContext<CsvParams>, survey: Survey): void {
  const { columns, rows, dropped, others, missing } = survey;
  const all = rows + dropped + others;
  const tell = (level: 'warning' | 'notice', text: string) => emit({ type: 'log', level, text });
  const nameless = columns.nameless.map(({ name }) => name);
  if (nameless.length > 0)
    tell('warning', `columns without a name are not learned from: ${listed(nameless)}`);
  if (others > 0) tell('notice', `${grouped(others)} of ${grouped(all)} rows are of other classes`);
  if (dropped > 0)
    tell(
      'warning',
      `${grouped(dropped)} of ${grouped(all)} rows are left out for missing values: ${countsText(missing)}`,
    );
  else if (missing.size > 0)
    tell(
      'warning',
      `missing values are filled with ${params.onMissing === 'mean' ? 'the mean of their column' : params.onMissing}: ${countsText(missing)}`,
    );
}

export default defineStage({
  name: 'load-csv',
  version: 1,
  summary:
    'Loads a table from a CSV file: columns of numbers and categories, with classes or numbers to predict.',
  params: csvParams,
  inputs: {},
  outputs: { dataset: { kind: 'dataset', description: 'Rows as numbers, float32 [count, features].' } },
  check: csvProblems,
  cacheKey: async (params, { digest, ...place }) => {
    const table = await tableOf(params, place);
    await inspectTable(table, INSPECTED);
    return digest(table.path);
  },
  outline: params => {
    const channels = featureCount(params);
    const { label, classes, targets } = params;
    const known = label === undefined && targets === undefined ? UNLABELLED : classes;
    return {
      outputs: {
        dataset: {
          ...{ height: 1, width: 1, channels, shape: [channels] },
          ...(targets === undefined ? { classes: known } : { classes: [], targetNames: targets }),
        },
      },
    };
  },
  async run(context) {
    const { params, signal, outputDir, emit } = context;
    const table = await tableOf(params, context);
    const { size } = await stat(table.path);
    // The table is read twice: to know it, and to write it.
    const progress = (before: number) => (bytes: number) =>
      emit({ type: 'progress', done: before + bytes, total: 2 * size, unit: 'bytes' });
    const survey = await surveyTable(table, { signal, onBytes: progress(0) });
    reportSurvey(context, survey);
    const dataset = await writeTable(table, survey, outputDir, { signal, onBytes: progress(size) });
    context.report(describeDataset(dataset));
    return { dataset };
  },
});
