/** Runs a synchronous operation as an asynchronous one: its errors reject the promise. */
export function promised<T>(operation: () => T): Promise<T> {
  return new Promise(resolve => resolve(operation()));
}
