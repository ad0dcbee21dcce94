/** Runs a synchronous operation behind an asynchronous interface: what it throws rejects. */
export function promised<T>(operation: () => T): Promise<T> {
  return new Promise(resolve => resolve(operation()));
}
