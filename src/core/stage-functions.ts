/** Calls of a stage's own functions beside `run`: an error or a wrong result is a failure of that stage. */
import { Failure } from './failure.ts';
import { printable } from './printable.ts';
import { portsOf, type Ports } from './ports.ts';
import { isPlainObject, shown } from './shown.ts';
import type {
  AnyStage,
  BorrowedInput,
  CacheKeyContext,
  IgnoredParam,
  OmittedOutput,
  ParamProblem,
  Resumable,
  ResumeChange,
  ResumeObstacle,
  StageOutline,
} from './stage.ts';
import { errorCode } from './system-error.ts';
import { isThrown, thrownDetails, thrownMessage } from './thrown.ts';

interface Called {
  /** The stage's id in the pipeline. */
  readonly id: string;
  readonly stage: AnyStage;
  readonly params: unknown;
}

function broken({ id, stage }: Called, name: string, what: string, error?: unknown): Failure {
  const own = id === stage.name ? '' : ` (${printable(stage.name)})`;
  return new Failure({
    code: 'broken-stage',
    exitCode: 2,
    message: `the ${name} of stage "${printable(id)}"${own} ${printable(what)}`,
    details: frameOf(error),
  });
}

/** Where the stage's own code threw: the stack's first line. */
function frameOf(error: unknown): readonly string[] {
  if (!isThrown(error, Error)) return [];
  const frame = /^\s+at .+$/m.exec(thrownDetails(error))?.[0].trim();
  return frame === undefined ? [] : [frame];
}

/** Calls a stage's own function. @throws Failure when that throws. */
function callOwn(called: Called, name: string, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    throw thrownBy(called, name, error);
  }
}

const thrownBy = (called: Called, name: string, error: unknown): Failure =>
  broken(called, name, `fails: ${thrownMessage(error)}`, error);

/** A copy for the stage's own function, which may change it. */
const paramsOf = ({ params }: Called): never => structuredClone(params) as never;

/** The problems that a stage's `check` finds in parameters. @throws Failure for a broken `check`. */
export function checkParameters(called: Called): readonly ParamProblem[] {
  const found = callOwn(called, 'check', () => called.stage.check?.(paramsOf(called))) ?? [];
  if (!Array.isArray(found))
    throw broken(called, 'check', `returns ${shown(found)}; expected a list of problems`);
  const wrong = (found as unknown[]).find(problem => !isProblem(problem));
  if (wrong === undefined) return found as readonly ParamProblem[];
  const expected = 'expected problems { path, code, message }';
  throw broken(called, 'check', `returns a list with ${shown(wrong)}; ${expected}`);
}

/** The parameters that the others make ineffective. @throws Failure for a broken `ignores`. */
export function ignoredParameters(called: Called): readonly IgnoredParam[] {
  const found = callOwn(called, 'ignores', () => called.stage.ignores?.(paramsOf(called))) ?? [];
  const isIgnored = (value: unknown) =>
    isPlainObject(value) && isNames(value['path']) && isNames(value['because']);
  if (Array.isArray(found) && found.every(isIgnored)) return found as readonly IgnoredParam[];
  throw broken(called, 'ignores', `returns ${shown(found)}; expected a list of { path, because }`);
}

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(name => typeof name === 'string');

/** The outputs that the parameters leave out. @throws Failure for a broken `omits`. */
export function omittedOutputs(called: Called): readonly OmittedOutput[] {
  const found = callOwn(called, 'omits', () => called.stage.omits?.(paramsOf(called))) ?? [];
  const isOmission = (value: unknown): value is OmittedOutput =>
    isPlainObject(value) && typeof value['output'] === 'string' && isNames(value['because']);
  if (!Array.isArray(found) || !found.every(isOmission))
    throw broken(called, 'omits', `returns ${shown(found)}; expected a list of { output, because }`);
  const ports = portsOf(called.stage.outputs as Ports);
  const other = found.find(({ output }) => ports[output]?.omittable !== true);
  if (other === undefined) return found;
  throw broken(called, 'omits', `leaves out output "${other.output}", which is not declared omittable`);
}

/** The inputs that come from earlier experiments. @throws Failure for a broken `borrows`. */
export function borrowedInputs(called: Called): readonly BorrowedInput[] {
  const found = callOwn(called, 'borrows', () => called.stage.borrows?.(paramsOf(called))) ?? [];
  const inputs = Object.keys(called.stage.inputs as object);
  const isBorrowed = (value: unknown) =>
    isPlainObject(value) &&
    inputs.includes(String(value['input'])) &&
    typeof value['experiment'] === 'string' &&
    isNames(value['because']);
  if (Array.isArray(found) && found.every(isBorrowed)) return found as readonly BorrowedInput[];
  const expected = 'a list of { input, experiment, because }, with inputs of the stage';
  throw broken(called, 'borrows', `returns ${shown(found)}; expected ${expected}`);
}

/** The stage's outline: known properties of its outputs, and problems of its inputs. @throws Failure for a broken `outline`. */
export function outlineOf(
  called: Called,
  inputs: Readonly<Record<string, object | undefined>>,
): StageOutline {
  const { stage } = called;
  const outline = () => stage.outline?.(paramsOf(called), structuredClone(inputs));
  const found = callOwn(called, 'outline', outline) ?? {};
  if (isPlainObject(found)) {
    const { outputs = {}, problems = [] } = found;
    const isRight = isPlainObject(outputs) && Object.values(outputs).every(isPlainObject);
    if (isRight && Array.isArray(problems) && problems.every(isProblem)) return found;
  }
  throw broken(called, 'outline', `returns ${shown(found)}; expected { outputs, problems }`);
}

function isProblem(value: unknown): value is ParamProblem {
  if (!isPlainObject(value)) return false;
  const { path, code, message, expected = '', found = '', suggestion = '', hint = '' } = value;
  const texts = [code, message, expected, found, suggestion, hint];
  return Array.isArray(path) && texts.every(text => typeof text === 'string');
}

/** True for a stage that runs every time. @throws Failure for a broken `alwaysRun`. */
export function runsEveryTime(called: Called): boolean {
  const { alwaysRun = false } = called.stage;
  if (typeof alwaysRun !== 'function') return alwaysRun;
  return Boolean(callOwn(called, 'alwaysRun', () => alwaysRun(paramsOf(called))));
}

/**
 * A stage's `cacheKey`; a failure where the configuration names wrong data (exit code 2); undefined where data cannot be read,
 * which the run reports. @throws Failure for a broken `cacheKey`.
 */
export async function cacheKeyOf(
  called: Called,
  context: CacheKeyContext,
): Promise<string | Failure | undefined> {
  let key: unknown;
  try {
    key = await called.stage.cacheKey?.(paramsOf(called), context);
  } catch (error) {
    if (isThrown(error, Failure) && error.exitCode === 2) return error;
    if (isThrown(error, Failure) || errorCode(error) !== undefined) return undefined;
    throw thrownBy(called, 'cacheKey', error);
  }
  if (typeof key === 'string') return key;
  throw broken(called, 'cacheKey', `returns ${shown(key)}; expected a text`);
}

/** The changes that a stage accepts when it resumes; undefined for a stage that cannot resume. */
export function resumableOf({ resumable }: AnyStage): Resumable<never, never> | undefined {
  return Array.isArray(resumable)
    ? { parameters: resumable as readonly string[] }
    : (resumable as Resumable<never, never> | undefined);
}

/** The obstacle to resuming a stage with other parameters, if any. @throws Failure for a broken `obstacle`. */
export async function resumeObstacle(
  called: Called,
  change: Omit<ResumeChange<unknown, unknown>, 'id' | 'now'>,
): Promise<ResumeObstacle | undefined> {
  const { obstacle } = resumableOf(called.stage) ?? {};
  let found: unknown;
  try {
    const params = { now: paramsOf(called), then: structuredClone(change.then) as never };
    found = await obstacle?.({ ...change, ...params, id: called.id } as never);
  } catch (error) {
    throw thrownBy(called, 'obstacle', error);
  }
  const isRight = isPlainObject(found) && typeof found['reason'] === 'string';
  if (found === undefined || isRight) return found as ResumeObstacle | undefined;
  throw broken(called, 'obstacle', `returns ${shown(found)}; expected { reason, hint }`);
}
