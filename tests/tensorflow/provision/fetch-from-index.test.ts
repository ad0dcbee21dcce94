import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installLibrary } from '../../../src/tensorflow/provision/install-library.ts';
import { libraryDir } from '../../../src/tensorflow/provision/layout.ts';
import { packageIndex } from '../../../src/tensorflow/provision/package-index.ts';
import { makeProject } from '../../rig/pipe.ts';
import { serveIndex, servedRelease, type Behaviour } from './index-server.ts';
import { givePipThatSays, makeMachine } from './rig.ts';

/** A machine without pip, set up for a server that behaves so. */
async function machineFor(behaviour: Behaviour = {}) {
  const server = await serveIndex(behaviour);
  const machine = await makeMachine();
  const env = {
    ...machine.env,
    PIP_NO_INDEX: undefined,
    PIP_CONFIG_FILE: '/dev/null',
    PIP_INDEX_URL: server.url,
  };
  const texts: string[] = [];
  const install = (release = servedRelease) =>
    installLibrary({ env, release, waitMs: 0, onProgress: ({ text = '' }) => void texts.push(text) });
  const library = (name: string) => readFile(join(libraryDir(env, 'cpu'), 'lib', name), 'utf8');
  return { machine, server, install, library, texts };
}

const [wheel] = servedRelease.wheels;
const wheelBytes = wheel?.bytes ?? 0;

test('without pip the index is asked, and only what is needed of the wheel is fetched', async () => {
  const { machine, server, install, library } = await machineFor();
  await install();
  expect(await library('libtensorflow_framework.so.2')).toBe('the framework');
  expect((await library('libtensorflow_cc.so.2')).length).toBe(2_500_000);
  expect(server.sent()).toBeLessThan(0.8 * wheelBytes);
  expect(await machine.listing()).toEqual(['2.21.0-cpu']);
});

test('a connection that breaks is taken up where it broke', async () => {
  const { server, install, library } = await machineFor({ cuts: 3 });
  await install();
  expect((await library('libtensorflow_cc.so.2')).length).toBe(2_500_000);
  expect(server.sent()).toBeLessThan(wheelBytes);
});

test('a connection that breaks every time ends the set-up, and nothing half-made is left', async () => {
  const { machine, install } = await machineFor({ cuts: Infinity });
  await expect(install({ ...servedRelease, wheels: [{ ...wheel!, bytes: 1 }] })).rejects.toMatchObject({
    code: 'no-network',
    details: [expect.stringContaining('127.0.0.1')],
  });
  expect(await machine.listing()).toEqual([]);
});

test('a server that has no parts of files gives the whole wheel', async () => {
  const { server, install, library } = await machineFor({ noRanges: true });
  await install();
  expect(await library('libtensorflow_framework.so.2')).toBe('the framework');
  expect(server.asked.at(-1)).toBe('/files/tiny.whl');
});

test('a mirror with project pages in HTML does as well', async () => {
  const { install, library } = await machineFor({ html: true });
  await install();
  expect(await library('libtensorflow_framework.so.2')).toBe('the framework');
});

test.each([
  ['a part', { forged: { from: 'the framework', to: 'The framework' } }, 'libtensorflow_framework.so.2'],
  ['the whole', { noRanges: true, forged: { from: 'the framework', to: 'The framework' } }, '.whl'],
  ['the list of hashes', { forged: { from: 'sha256=', to: 'sha257=' } }, 'RECORD'],
])('%s of a wheel that is not the pinned one is refused', async (_, behaviour, name) => {
  const { machine, install } = await machineFor(behaviour);
  await expect(install()).rejects.toMatchObject({
    code: expect.stringMatching(/^wrong-hash$/) as string,
    message: expect.stringContaining(name) as string,
  });
  expect(await machine.listing()).toEqual([]);
});

test.each([
  [
    'no project page',
    { pageStatus: 404 },
    /404 Not Found for http:\/\/127\.0\.0\.1:\d+\/simple\/tensorflow-cpu\//,
  ],
  ['no file', { status: 403 }, /403 Forbidden for http:\/\/127\.0\.0\.1:\d+\/files\/tiny\.whl/],
])('an index with %s is told, without its password', async (_, behaviour, message) => {
  const { install } = await machineFor(behaviour);
  const failure = await install().catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'index-refused', message: expect.stringMatching(message) as string });
  expect(JSON.stringify(failure)).not.toContain('s3cret');
});

test('pip is asked where the index fails and there is one', async () => {
  const { machine, install, texts } = await machineFor({ pageStatus: 404 });
  await givePipThatSays(machine, 'ERROR: from pip');
  await expect(install()).rejects.toMatchObject({ code: 'pip-failed', details: ['ERROR: from pip'] });
  expect(texts.join('\n')).toContain('Trying pip');
});

test('an index that cannot be reached is named', async () => {
  const machine = await makeMachine();
  const env = { ...machine.env, PIP_NO_INDEX: '', PIP_INDEX_URL: 'http://127.0.0.1:9/simple' };
  const options = { env, release: servedRelease, waitMs: 0, onProgress: () => undefined };
  await expect(installLibrary(options)).rejects.toMatchObject({
    code: 'no-network',
    details: [expect.stringContaining('127.0.0.1:9')],
    hint: expect.stringContaining('PIP_INDEX_URL') as string,
  });
});

test('pip’s and uv’s settings say which index, from the environment and from files', async () => {
  const project = await makeProject({
    'pip.conf':
      '[global]\nindex-url = https://a/simple\nextra-index-url =\n  https://b/simple\n  https://c/simple\ncert = /ca.pem\n[install]\nindex-url = https://no\n',
    'off.conf': '[global]\nno-index = true\n',
  });
  const path = (name: string) => project.path(name);
  const HOME = path('home');
  const of = (env: Record<string, string>) => packageIndex({ HOME, PIP_CONFIG_FILE: '/dev/null', ...env });
  expect(of({ PIP_CONFIG_FILE: path('pip.conf') })).toEqual({
    urls: ['https://a/simple', 'https://b/simple', 'https://c/simple'],
    certificates: '/ca.pem',
    proxy: undefined,
  });
  expect(of({ PIP_CONFIG_FILE: path('pip.conf'), PIP_INDEX_URL: 'https://d/simple' })?.urls[0]).toBe(
    'https://d/simple',
  );
  expect(of({ UV_DEFAULT_INDEX: 'mirror=https://e/simple' })?.urls).toEqual(['https://e/simple']);
  expect(of({ PIP_CONFIG_FILE: path('off.conf'), PIP_INDEX_URL: 'https://d/simple' })).toBeUndefined();
  expect(of({})).toBeUndefined();
  expect(await readdir(project.dir)).not.toContain('home');
});
