/**
 * Errors that a stage left to nobody: a promise that it forgot, a callback that threw. Without this they would end the
 * process in the middle of a run.
 */
export class StrayError extends Error {
  override readonly name = 'StrayError';
  constructor(override readonly cause: unknown) {
    super('an error that nobody caught');
  }
}

/** Runs `work`; the first stray error meanwhile ends the wait for it, though not the work itself. */
export async function catchStrayErrors<T>(work: () => Promise<T>): Promise<T> {
  let onStray: (error: unknown) => void = () => {};
  const stray = new Promise<never>((_, reject) => {
    onStray = error => {
      reject(new StrayError(error));
    };
  });
  process.on('uncaughtException', onStray).on('unhandledRejection', onStray);
  try {
    return await Promise.race([work(), stray]);
  } finally {
    process.off('uncaughtException', onStray).off('unhandledRejection', onStray);
  }
}
