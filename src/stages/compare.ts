import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { compareExperiments } from '../compare/compare.ts';
import { renderJson } from '../compare/render-json.ts';
import { renderMarkdown } from '../compare/render-markdown.ts';
import type { ComparedExperiment, ComparisonTable } from '../compare/table.ts';
import { Failure } from '../core/failure.ts';
import { defineStage, type ExperimentLookup, type ExperimentView } from '../core/stage.ts';

/** Characters per line in the log. */
const COLUMNS = 120;

const params = Type.Object(
  {
    with: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'The experiments to put beside this one: exp-3, latest (the newest finished one), latest:<pipeline>, or a tag. A latest that matches nothing yet is only noted.',
    }),
    all: Type.Boolean({
      default: false,
      description: 'Show every parameter, not only those that differ.',
    }),
  },
  { additionalProperties: false },
);

interface Found {
  readonly others: readonly ComparedExperiment[];
  readonly notes: readonly string[];
}

/** The experiment of a reference, or a note that there is none yet. An unknown `exp-N` fails. */
async function look(experiments: ExperimentLookup, reference: string): Promise<ExperimentView | string> {
  try {
    return await experiments.find(reference);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'no-match-yet') throw error;
    return [`"${reference}" matches no finished experiment yet.`, ...error.details].join(' ');
  }
}

async function findOthers(
  experiments: ExperimentLookup,
  references: readonly string[],
  own: string,
): Promise<Found> {
  const found = await Promise.all(references.map(reference => look(experiments, reference)));
  return {
    others: found
      .filter(each => typeof each !== 'string')
      .filter(({ record }) => record.id !== own)
      .map(asCompared),
    notes: found.filter(each => typeof each === 'string'),
  };
}

function asCompared({ record, status }: ExperimentView): ComparedExperiment {
  return { record, status: status ?? record.status };
}

/** The stage's report. */
function closing({ heads: [, ...others] }: ComparisonTable): string {
  return others.length === 0 ? 'nothing to compare with yet' : `beside ${others.join(', ')}`;
}

export default defineStage({
  name: 'compare',
  version: 1,
  summary: 'Puts this experiment beside others: parameters, metrics and times.',
  params,
  inputs: {
    model: {
      kind: 'trained-model',
      description: 'Only for the order: the comparison comes after the training.',
      optional: true,
    },
  },
  outputs: { comparison: { kind: 'comparison', description: 'comparison.md and comparison.json' } },
  alwaysRun: true,
  reportOnly: true,
  nondeterministicFiles: ['comparison.md', 'comparison.json'],
  async run(context) {
    const current = await context.experiments.current();
    const { id } = current.record;
    const { all, with: references } = context.params;
    const { others, notes } = await findOthers(context.experiments, references, id);
    const compared = compareExperiments([asCompared(current), ...others], { all, current: id });
    const table = { ...compared, notes: [...notes, ...compared.notes] };
    await writeFile(join(context.outputDir, 'comparison.md'), renderMarkdown(table));
    await writeFile(join(context.outputDir, 'comparison.json'), renderJson(table));
    for (const path of ['comparison.md', 'comparison.json']) context.emit({ type: 'publish', path });
    const { renderTerminal } = await import('../compare/render-terminal.ts');
    const text = renderTerminal(table, { columns: COLUMNS, color: false });
    context.emit({ type: 'log', level: 'info', text: [text, ...table.notes].join('\n') });
    context.report(closing(table));
    return {
      comparison: {
        kind: 'comparison',
        dir: context.outputDir,
        markdown: 'comparison.md',
        json: 'comparison.json',
      },
    };
  },
});
