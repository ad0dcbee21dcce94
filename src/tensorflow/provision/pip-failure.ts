import { Failure } from '../../core/failure.ts';
import { noSpace } from './disk.ts';

/** Size of the excerpt of pip's output that is shown. Errors are at its end. */
const LINES = 3;
const COLUMNS = 240;

/** The remedy for a download with a wrong hash. */
export const WRONG_HASH_HINT =
  'fetch again: pipe setup; if it happens again, see which package index pip uses: pip config list';

const kinds = [
  {
    words: /DO NOT MATCH THE HASHES/i,
    code: 'wrong-hash',
    message: 'The TensorFlow package that was fetched is not the one that is expected: its sha256 differs.',
    hint: WRONG_HASH_HINT,
  },
  {
    words: /connection|name resolution|timed out|unreachable|ProxyError|Max retries/i,
    code: 'no-network',
    message: 'The Python package index could not be reached.',
    hint: 'check the network (HTTPS_PROXY, pip config list), then: pipe setup; or name a TensorFlow that is there: PIPE_TENSORFLOW=<folder>',
  },
];

/** The failure that pip's output describes. */
export function pipFailure(output: string): Failure {
  const lines = output.trim().split('\n').slice(-LINES);
  const details = lines.map(line => (line.length > COLUMNS ? `${line.slice(0, COLUMNS)}…` : line));
  if (/No space left on device|Errno 28/i.test(output))
    return noSpace('The disk is full: pip could not store TensorFlow’s library.');
  const kind = kinds.find(({ words }) => words.test(output)) ?? {
    code: 'pip-failed',
    message: 'pip could not fetch TensorFlow’s library.',
    hint: 'python3 -m pip install --upgrade pip, then: pipe setup',
  };
  return new Failure({ code: kind.code, message: kind.message, details, hint: kind.hint });
}
