/** The texts of experiment.json and stage.json. Only documents that can be read back are written. */
import type { ExperimentRecord } from '../../core/experiment.ts';
import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import { serializeChecked } from '../../storage/checksum.ts';
import { documentFault, LIMIT, STAGE_LIMIT } from './record.ts';
import { validateRecord, validateStage } from './record-validator.ts';

/** experiment.json's text. @throws Failure for a record that readers would reject. */
export const serializeRecord = (record: ExperimentRecord): string =>
  checked(serializeChecked(record), validateRecord, 'an experiment.json');

/** stage.json's text. */
export const serializeStageDocument = (document: object): string =>
  checked(serializeChecked(document), validateStage, 'a stage.json', STAGE_LIMIT);

function checked(
  text: string,
  validate: Parameters<typeof documentFault>[1],
  name: string,
  limit = LIMIT,
): string {
  if (text.length > limit) throw tooLarge(name, text.length, limit);
  const fault = documentFault(JSON.parse(text), validate);
  if (fault === undefined) return text;
  throw new Failure({
    code: 'unwritable-record',
    message: `not written, as it could not be read back: ${name} ${printable(fault)}`,
    hint: 'This is a fault of pipe: please report it with what the stage does.',
  });
}

/** Only lists of files get that long. */
const tooLarge = (name: string, bytes: number, limit: number): Failure =>
  new Failure({
    code: 'record-too-large',
    message: `not written: ${name} of ${formatBytes(bytes)}; no more than ${formatBytes(limit)} can be read back`,
    hint: 'Let stages write and name fewer files: many small ones go into one, such as an archive.',
  });
