import { Type } from 'typebox';
import { defineArtifact, type ArtifactOfDefinition } from './definition.ts';
import { Path } from './parts.ts';

/** A comparison of experiments as Markdown and JSON. */
export type ComparisonArtifact = ArtifactOfDefinition<typeof comparison>;

export const comparison = defineArtifact('comparison', {
  description: 'A comparison of experiments as Markdown and JSON.',
  schema: Type.Object({ markdown: Path, json: Path }),
  files: ['markdown', 'json'],
});
