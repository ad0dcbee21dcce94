/**
 * Redirects everything printed to stdout and stderr (by console.log or directly) to `sink`, so that a stage's output goes to its
 * log and does not break the display. Returns a function that ends this.
 */
export function captureOutput(
  sink: (text: string) => void,
  streams: readonly NodeJS.WritableStream[] = [process.stdout, process.stderr],
): () => void {
  const restores = streams.map(stream => {
    const own = Object.getOwnPropertyDescriptor(stream, 'write');
    stream.write = capturingWrite(sink);
    return () => {
      if (own) Object.defineProperty(stream, 'write', own);
      else Reflect.deleteProperty(stream, 'write');
    };
  });
  return () => {
    for (const restore of restores.reverse()) restore();
  };
}

function capturingWrite(sink: (text: string) => void): NodeJS.WritableStream['write'] {
  return (chunk: Uint8Array | string, ...rest: unknown[]) => {
    const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8';
    sink(typeof chunk === 'string' ? Buffer.from(chunk, encoding).toString() : Buffer.from(chunk).toString());
    const callback = rest.find(argument => typeof argument === 'function');
    if (callback) process.nextTick(callback);
    return true;
  };
}
