/** What can be said of blocks without their uses. */
import type { ParamProblem } from '../../core/stage.ts';
import { layerKinds } from '../layers/index.ts';
import { GROUP_NAME } from '../layers/sequential.ts';
import { DIMENSIONS } from '../shape.ts';
import { namesIn } from './references.ts';
import type { Blocks } from './written.ts';

const BLOCK_NAME = new RegExp(GROUP_NAME);
const PARAMETER_NAME = /^[A-Za-z_]\w*$/;

/** Names that a parameter of a block cannot have: keys of a layer, and what has a meaning in sizes. */
const TAKEN: readonly string[] = ['use', 'block', ...DIMENSIONS];

/** Mistakes in the names of blocks and of their parameters. */
export const nameMistakes = (blocks: Blocks = {}): readonly ParamProblem[] =>
  Object.entries(blocks).flatMap(([name, { params = {} }]) => [
    ...blockName(name),
    ...Object.keys(params).flatMap(parameter => parameterName(name, parameter)),
  ]);

function blockName(name: string): readonly ParamProblem[] {
  const problem = {
    path: ['blocks', name],
    code: 'invalid-name',
    message: `"${name}" cannot be the name of a block`,
  };
  if (layerKinds.has(name)) return [{ ...problem, expected: 'another name than those of layers' }];
  const expected = 'letters, digits and single hyphens, beginning with a letter';
  return BLOCK_NAME.test(name) ? [] : [{ ...problem, expected }];
}

function parameterName(block: string, name: string): readonly ParamProblem[] {
  const path = ['blocks', block, 'params', name];
  const problem = {
    path,
    code: 'invalid-name',
    message: `"${name}" cannot be the name of a parameter of block ${block}`,
  };
  if (TAKEN.includes(name)) return [{ ...problem, expected: `another name than ${TAKEN.join(', ')}` }];
  const expected = 'letters, digits and _, beginning with a letter or _';
  return PARAMETER_NAME.test(name) ? [] : [{ ...problem, expected }];
}

/** Warnings of blocks that no network uses, and of parameters that stand nowhere in their blocks. */
export const unusedParts = (blocks: Blocks = {}, used: ReadonlySet<string>): readonly ParamProblem[] =>
  Object.entries(blocks).flatMap(([name, { params = {}, layers }]) => {
    const warning = { code: 'unused-block', severity: 'warning' } as const;
    if (!used.has(name))
      return [
        { ...warning, path: ['blocks', name], message: `nothing uses block ${name}`, hint: 'Remove it.' },
      ];
    const named = new Set(namesIn([layers, Object.values(params)]));
    return Object.keys(params)
      .filter(parameter => !named.has(parameter))
      .map(parameter => ({
        ...warning,
        path: ['blocks', name, 'params', parameter],
        message: `no layer of block ${name} uses its parameter "${parameter}"`,
        hint: 'Remove it.',
      }));
  });
