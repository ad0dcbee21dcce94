import { nearest } from '../core/nearest.ts';
import type { ParamProblem } from '../core/stage.ts';

/** Problems for unknown classes in a parameter `classes`. */
export function unknownClasses(wanted: readonly string[], known: readonly string[]): ParamProblem[] {
  return wanted.flatMap((name, index) => {
    if (known.includes(name)) return [];
    const suggestion = nearest(name, known);
    return {
      path: ['classes', index],
      code: 'unknown-class',
      message: `there is no class ${JSON.stringify(name)}`,
      expected: `one of ${known.join(', ')}`,
      found: JSON.stringify(name),
      ...(suggestion === undefined ? {} : { suggestion }),
    };
  });
}
