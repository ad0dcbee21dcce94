import type { PipelineStage } from '../config/pipeline.ts';
import type { RecordedKind } from '../core/artifacts/named-files.ts';
import type { Problem } from '../core/failure.ts';
import { isPlainObject } from '../core/shown.ts';
import { portsOf, recordedKinds, type Ports } from '../core/ports.ts';

/**
 * Problems for stages with different definitions of one kind of artifact: outputs of the one would not be inputs of the other.
 */
export function differingKinds(stages: readonly PipelineStage[]): readonly Problem[] {
  const first = new Map<string, { readonly stage: PipelineStage; readonly kind: RecordedKind }>();
  return stages.flatMap(stage =>
    Object.entries(kindsNamedBy(stage)).flatMap(([name, kind]) => {
      const known = first.get(name);
      if (known === undefined) first.set(name, { stage, kind });
      const difference = known && firstDifference(known.kind, kind, '');
      return difference === undefined || known === undefined
        ? []
        : [differs(name, known.stage, stage, difference)];
    }),
  );
}

function kindsNamedBy({ stage: { inputs, outputs } }: PipelineStage): Readonly<Record<string, RecordedKind>> {
  return { ...recordedKinds(portsOf(inputs as Ports)), ...recordedKinds(portsOf(outputs as Ports)) };
}

/** The place where two JSON values differ: `schema.properties.count.type`. */
function firstDifference(one: unknown, other: unknown, at: string): string | undefined {
  if (Object.is(one, other)) return undefined;
  const areLists = Array.isArray(one) && Array.isArray(other);
  if (!areLists && !(isPlainObject(one) && isPlainObject(other))) return at;
  const [left, right] = [one, other] as unknown as readonly Readonly<Record<string, unknown>>[];
  const names = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
  // For a field that one of them lacks, `properties` says more than `required`.
  for (const name of [...names].sort()) {
    const found = firstDifference(left?.[name], right?.[name], at === '' ? name : `${at}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function differs(kind: string, one: PipelineStage, other: PipelineStage, place: string): Problem {
  return {
    code: 'differing-kinds',
    message: `stages "${one.id}" (${one.use}) and "${other.id}" (${other.use}) have different definitions of the kind "${kind}": they differ in ${place}`,
    location: other.location,
    hint: `let both import one definition: export const … = defineArtifact('${kind}', …) in a file of its own`,
  };
}
