/**
 * Repair of invalid records of earlier versions, which stored values of stages unchecked. An experiment is worth more than one
 * field, so an invalid field is replaced by an empty value.
 */
import type { ExperimentRecord } from '../../core/experiment.ts';
import { shown } from '../../core/shown.ts';
import { checkDocument } from '../../storage/checksum.ts';

/** Most faults to repair; more are no mistake of a stage. */
const MOST = 1000;

interface SchemaError {
  readonly instancePath: string;
  readonly params?: { readonly missingProperty?: string };
}

type Validate = ((document: unknown) => document is ExperimentRecord) & {
  errors?: readonly SchemaError[] | null | undefined;
};

type Holder = Record<string, unknown>;

/** Replacements of fields of stages and metrics, by path. Undefined leaves the field out. */
const REPLACEMENTS: readonly (readonly [RegExp, (value: unknown) => unknown])[] = [
  [/^\/stages\/\d+\/progress$/, () => undefined],
  [/^\/stages\/\d+\/(report|reason)$/, value => (value === undefined ? null : shown(value))],
  [/^\/metrics\/[^/]+\/step$/, value => (Number.isFinite(value) ? Math.floor(value as number) : 0)],
  [/^\/metrics\/[^/]+\/description$/, () => ''],
  [/^\/metrics\/[^/]+\/direction$/, () => 'none'],
  [/^\/metrics\/[^/]+\/unit$/, () => null],
  [/^\/metrics\/[^/]+\/(last|min|max|tailMean)$/, () => 'NaN'],
  [/^\/failure\/(code|message)$/, value => shown(value)],
  [/^\/failure\/hint$/, () => null],
];

/**
 * Repairs an invalid record with an intact checksum in place. Returns descriptions of the replacements; undefined for a damaged
 * record and for other faults.
 */
export function repairRecord(record: object, validate: Validate): string[] | undefined {
  if (checkDocument(record) !== 'intact') return undefined;
  const repaired: string[] = [];
  while (!validate(record)) {
    const [error] = validate.errors ?? [];
    const words = error && repaired.length < MOST ? repairField(record, error) : undefined;
    if (words === undefined) return undefined;
    repaired.push(words);
  }
  return repaired;
}

function repairField(record: object, { instancePath, params }: SchemaError): string | undefined {
  const { missingProperty } = params ?? {};
  const parts = `${instancePath}${missingProperty === undefined ? '' : `/${missingProperty}`}`
    .split('/')
    .slice(1);
  // Progress is left out as a whole.
  const names = parts[0] === 'stages' && parts[2] === 'progress' ? parts.slice(0, 3) : parts;
  const [, replace] = REPLACEMENTS.find(([path]) => path.test(`/${names.join('/')}`)) ?? [];
  const keys = names.map(name => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() ?? '';
  const holder = keys.reduce<unknown>((value, key) => (value as Holder | null)?.[key], record) as
    Holder | undefined;
  if (replace === undefined || typeof holder !== 'object') return undefined;
  const [before, after] = [holder[last], replace(holder[last])];
  if (after === undefined) Reflect.deleteProperty(holder, last);
  else holder[last] = after;
  const was = before === undefined ? 'is missing' : `is ${shown(before)}`;
  return `${[...keys, last].join('.')} ${was}, ${after === undefined ? 'left out' : `shown as ${shown(after)}`}`;
}
