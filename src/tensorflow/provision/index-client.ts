import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Response } from 'undici';
import { Failure } from '../../core/failure.ts';
import { withoutCredentials } from './credentials.ts';
import type { Env } from '../../core/env.ts';
import type { PackageIndex } from './package-index.ts';

/** Milliseconds without data after which a connection is given up. */
const SILENCE_MS = 30_000;

export interface IndexClient {
  /** Resolves for every HTTP status. @throws Failure `no-network` without a response. */
  get(url: string, headers: Readonly<Record<string, string>>): Promise<Response>;
  close(): Promise<void>;
}

/** An HTTP client for the index, with the proxy and the certificates of the machine's settings. */
export async function openIndexClient(
  index: PackageIndex,
  env: Env,
  signal: AbortSignal | undefined,
): Promise<IndexClient> {
  const { EnvHttpProxyAgent, fetch } = await import('undici');
  const ca = certificates(index, env);
  const tls = ca === undefined ? {} : { ca };
  const dispatcher = new EnvHttpProxyAgent({
    ...proxies(index, env),
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
    connect: { timeout: SILENCE_MS, ...tls },
    requestTls: tls,
  });
  return {
    async get(url, headers) {
      const { address, authorization } = withoutCredentials(url);
      const all = { ...headers, 'accept-encoding': 'identity', ...(authorization && { authorization }) };
      try {
        return await fetch(address, { headers: all, dispatcher, ...(signal && { signal }) });
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable(address, error);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/** Empty strings for no proxy: for undefined, undici would read this process's environment. */
function proxies(index: PackageIndex, env: Env) {
  const of = (name: string) => env[name.toLowerCase()] || env[name] || env['ALL_PROXY'] || '';
  return {
    httpProxy: index.proxy ?? of('HTTP_PROXY'),
    httpsProxy: index.proxy ?? of('HTTPS_PROXY'),
    noProxy: env['no_proxy'] || env['NO_PROXY'] || '',
  };
}

/** Undefined for Node's defaults, which include NODE_EXTRA_CA_CERTS. */
function certificates({ certificates: path }: PackageIndex, env: Env): string[] | undefined {
  if (path === undefined) return undefined;
  const extra = env['NODE_EXTRA_CA_CERTS'];
  const files = extra ? [path, extra] : [path];
  try {
    return [...rootCertificates, ...files.map(file => readFileSync(file, 'utf8'))];
  } catch (error) {
    throw new Failure({
      code: 'no-network',
      message: `The certificates that the settings for the Python package index name cannot be read: ${String(error)}`,
      hint: 'see PIP_CERT, SSL_CERT_FILE and pip config list',
      cause: error,
    });
  }
}

function unreachable(url: string, error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new Failure({
    code: 'no-network',
    message: 'The Python package index could not be reached.',
    details: [`${new URL(url).host}: ${reason}`],
    hint: 'check the network (HTTPS_PROXY, PIP_INDEX_URL), then: pipe setup; or name a TensorFlow that is there: PIPE_TENSORFLOW=<folder>',
    cause: error,
  });
}
