import { fork } from 'node:child_process';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { packageRoot } from '../host/paths.ts';
import type { FailureDetail } from '../run/events.ts';
import { LIFELINE_STDIO } from '../run/process/lifeline.ts';
import type { ReadResult } from './pipeline.ts';

/** Message of the process that reads a pipeline. */
export type ReadMessage =
  /** Files read so far, before a user's code is loaded. */
  | { readonly type: 'sources'; readonly sources: readonly string[] }
  | { readonly type: 'read'; readonly result: ReadResult }
  | { readonly type: 'failed'; readonly failure: FailureDetail & { readonly exitCode: 1 | 2 } };

/** A pipeline being read. */
export interface Reading {
  /** Rejects with a Failure where the pipeline could not be read at all. */
  readonly result: Promise<ReadResult>;
  /** Ends the process; `result` then settles with a failure to ignore. */
  readonly abandon: () => void;
}

export interface ReadOptions {
  readonly file: string;
  readonly set: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Called with the files read so far, before a user's code is loaded. */
  readonly onSources?: (sources: readonly string[]) => void;
}

/** The module that the process executes. */
const readerModule = (): string => join(packageRoot, 'dist', 'cli', 'reader.js');

/** Reads a pipeline in its own process: a stage's file may never finish loading. */
export function startReading({ file, set, cwd, env, onSources }: ReadOptions): Reading {
  const child = fork(readerModule(), [file, ...set], {
    cwd,
    env,
    stdio: ['ignore', 2, 2, 'ipc', ...LIFELINE_STDIO],
    serialization: 'advanced',
  });
  const result = new Promise<ReadResult>((resolve, reject) => {
    child.on('message', message => {
      const received = message as ReadMessage;
      if (received.type === 'sources') onSources?.(received.sources);
      else if (received.type === 'read') resolve(received.result);
      else reject(failureOf(received.failure));
    });
    child.once('error', reject).once('close', (exitCode, signal) => {
      reject(unread(file, signal ?? `exit code ${exitCode}`));
    });
  });
  return { result, abandon: () => void child.kill('SIGKILL') };
}

const failureOf = ({ hint, ...detail }: FailureDetail & { readonly exitCode: 1 | 2 }): Failure =>
  new Failure({ ...detail, ...(hint !== null && { hint }) });

const unread = (file: string, end: string): Failure =>
  new Failure({
    code: 'not-read',
    exitCode: 2,
    message: `the process that reads ${file} ended before it was done: ${end}`,
    hint: `pipe validate ${file} shows where`,
  });
