/** Whether held-out pictures were held out. */
import type { ScoreReferenceArtifact, TrainedModelArtifact } from '../core/artifacts.ts';
import { withDataset } from '../data/dataset.ts';
import { grouped } from '../data/report.ts';
import { seenPictures } from '../data/seen-pictures.ts';
import { heldOut } from './open-reference.ts';
import { isSeen, type SeenInTraining } from './protocol.ts';

/** How many of the held-out pictures a model was trained on. @throws Interrupted; Failure when a file cannot be read */
export const seenInTraining = (
  model: TrainedModelArtifact,
  reference: ScoreReferenceArtifact,
  signal: AbortSignal,
): Promise<SeenInTraining> =>
  withDataset(heldOut(reference), async dataset => {
    const seen = await seenPictures(model, dataset, signal);
    return seen === 'unknown' ? undefined : seen.length;
  });

/** Sentences on held-out pictures that were not held out, or may not have been. */
export function trainedOnNotes(
  { model }: Pick<TrainedModelArtifact, 'model'>,
  artifact: ScoreReferenceArtifact,
  seen: SeenInTraining,
): readonly string[] {
  const total = grouped(artifact.reference.count);
  if (seen === undefined)
    return [`it is not recorded which pictures ${model} was trained on: held-out ones may be among them`];
  if (!isSeen(seen, artifact)) return [];
  return [
    `${model} was trained on ${grouped(seen)} of the ${total} pictures that it is compared with: its scores say little of new ones`,
  ];
}
