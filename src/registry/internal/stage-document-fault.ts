import { validateStage } from './record-validator.ts';

/** The first schema error of a parsed stage.json, as a sentence; undefined where there is none. */
export function stageDocumentFault(document: object): string | undefined {
  if (validateStage(document)) return undefined;
  const [error] = validateStage.errors ?? [];
  return `${error?.instancePath || 'it'} ${error?.message ?? 'is wrong'}`;
}
