/** Runs a synchronous operation behind an asynchronous interface: its errors reject. */
export function promised<T>(operation: () => T): Promise<T> {
  return new Promise(resolve => resolve(operation()));
}
