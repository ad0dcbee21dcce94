import { Failure } from '../../core/failure.ts';

/** A file that is no array, or is damaged. */
export const badArray = (message: string): Failure =>
  new Failure({
    code: 'bad-array',
    exitCode: 2,
    message,
    hint: 'Save it again with numpy.save or numpy.savez.',
  });
