/** What is said of the data of a training before it begins. */
import type { StageContext } from '../../core/stage.ts';
import type { Examples } from '../../data/dataset.ts';
import { overlapOf } from '../../data/overlap.ts';
import { grouped } from '../../data/report.ts';
import type { OpenParts } from './fit.ts';

type Context = Pick<StageContext, 'emit' | 'signal'>;

/** Names classes without examples, and tells how much of what is measured is trained on as well. */
export async function warnOfData(context: Context, parts: OpenParts): Promise<void> {
  warnOfClasses(context, parts);
  for (const name of ['validation', 'test'] as const) await warnOfOverlap(context, name, parts);
}

const warn = ({ emit }: Context, text: string) => {
  emit({ type: 'log', level: 'warning', text });
};

function warnOfClasses(context: Context, { dataset, validation, test }: OpenParts): void {
  const { classes } = dataset.artifact;
  const without = (part: Examples) => {
    const present = new Set(part.labels);
    return classes.filter((_, label) => !present.has(label));
  };
  const untrained = without(dataset);
  if (untrained.length > 0)
    warn(context, `nothing to learn from: the training part has no examples of ${untrained.join(', ')}`);
  for (const [name, part] of Object.entries({ validation, test })) {
    if (part === undefined || part.targets !== undefined) continue;
    const missing = without(part);
    if (missing.length === classes.length - 1)
      warn(
        context,
        `the ${name} part has examples of ${classes[part.labels[0] as number]} alone: its scores say little`,
      );
    else if (missing.length > 0)
      warn(context, `the ${name} part has no examples of ${missing.join(', ')}: macro F1 counts them as 0`);
  }
}

/** Examples that are trained on measure memory, not what was learned. */
async function warnOfOverlap(context: Context, name: 'validation' | 'test', parts: OpenParts): Promise<void> {
  const { dataset, [name]: part } = parts;
  if (part === undefined) return;
  const { count, shape } = part.artifact;
  const { indices } = await overlapOf(part, dataset, context.signal);
  if (indices.length === 0) return;
  const things = shape === undefined ? 'pictures' : 'examples';
  warn(
    context,
    `${grouped(indices.length)} of ${grouped(count)} ${name} ${things} are among those that are trained on (the first: number ${indices[0]}): its scores are too good`,
  );
}
