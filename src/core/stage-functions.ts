/** Calls of a stage's own functions beside `run`: what they throw, or return wrongly, is that stage's failure. */
import { Failure } from './failure.ts';
import { printable } from './printable.ts';
import { isPlainObject, shown } from './shown.ts';
import type {
  AnyStage,
  ContentContext,
  IgnoredParam,
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

/** A copy for the stage's own function: what that does to it changes nothing. */
const paramsOf = ({ params }: Called): never => structuredClone(params) as never;

/** The problems that a stage's `check` finds with parameters. @throws Failure when it is broken. */
export function checkParameters(called: Called): readonly ParamProblem[] {
  const found = callOwn(called, 'check', () => called.stage.check?.(paramsOf(called))) ?? [];
  if (!Array.isArray(found))
    throw broken(called, 'check', `returns ${shown(found)}; expected a list of problems`);
  const wrong = (found as unknown[]).find(problem => !isProblem(problem));
  if (wrong === undefined) return found as readonly ParamProblem[];
  const expected = 'expected problems { path, code, message }';
  throw broken(called, 'check', `returns a list with ${shown(wrong)}; ${expected}`);
}

/** The parameters that have no effect beside the others. @throws Failure when the stage's `ignores` is broken. */
export function ignoredParameters(called: Called): readonly IgnoredParam[] {
  const found = callOwn(called, 'ignores', () => called.stage.ignores?.(paramsOf(called))) ?? [];
  const isIgnored = (value: unknown) =>
    isPlainObject(value) && isNames(value['path']) && isNames(value['because']);
  if (Array.isArray(found) && found.every(isIgnored)) return found as readonly IgnoredParam[];
  throw broken(called, 'ignores', `returns ${shown(found)}; expected a list of { path, because }`);
}

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(name => typeof name === 'string');

/**
 * The stage's outline: known properties of its outputs, and problems of its inputs. @throws Failure when its `outline` is broken.
 */
export function outlineOf(called: Called, inputs: Readonly<Record<string, object>>): StageOutline {
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

/** Whether a stage runs every time. @throws Failure when its `alwaysRun` is broken. */
export function runsEveryTime(called: Called): boolean {
  const { alwaysRun = false } = called.stage;
  if (typeof alwaysRun !== 'function') return alwaysRun;
  return Boolean(callOwn(called, 'alwaysRun', () => alwaysRun(paramsOf(called))));
}

/**
 * A stage's key of content. The failure where the configuration names wrong data (exit code 2); undefined where data cannot be
 * read, which the stage says itself. @throws Failure when it is broken.
 */
export async function contentKeyOf(
  called: Called,
  context: ContentContext,
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

/** What may have changed when a stage resumes; undefined for one that does not. */
export function resumableOf({ resumable }: AnyStage): Resumable<never, never> | undefined {
  return Array.isArray(resumable)
    ? { parameters: resumable as readonly string[] }
    : (resumable as Resumable<never, never> | undefined);
}

/** What keeps a stage from resuming with other parameters. @throws Failure when its `obstacle` is broken. */
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
