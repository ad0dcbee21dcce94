import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { codeDir } from '../../host/paths.ts';
import type { Env } from '../../core/env.ts';

/** The Python package index that this machine is configured for, and how to reach it. */
export interface PackageIndex {
  /** URLs of simple repositories in the order of requests, possibly with credentials. */
  readonly urls: readonly string[];
  /** Path of a file with certificates to trust in addition to Node's. */
  readonly certificates: string | undefined;
  readonly proxy: string | undefined;
}

/**
 * The index of pip's and uv's settings, else the one that was configured when this package was packed. Undefined where there is
 * none, as in a checkout, or where the settings disable the index: then pip decides.
 */
export function packageIndex(env: Env): PackageIndex | undefined {
  const config = pipConfig(env);
  if (isOn(env['PIP_NO_INDEX']) || isOn(config.get('no-index'))) return undefined;
  const first = firstOf(
    env['PIP_INDEX_URL'],
    env['UV_DEFAULT_INDEX'],
    env['UV_INDEX_URL'],
    config.get('index-url'),
    ownIndex(),
  );
  if (first === undefined) return undefined;
  const others = [env['PIP_EXTRA_INDEX_URL'], env['UV_INDEX'], config.get('extra-index-url')];
  return {
    urls: [first, ...others.flatMap(words)].map(withoutName),
    certificates: firstOf(
      env['PIP_CERT'],
      config.get('cert'),
      env['SSL_CERT_FILE'],
      env['REQUESTS_CA_BUNDLE'],
    ),
    proxy: firstOf(env['PIP_PROXY'], config.get('proxy')),
  };
}

const firstOf = (...values: readonly (string | undefined)[]): string | undefined => values.find(Boolean);

const words = (text = ''): readonly string[] => text.split(/\s+/).filter(Boolean);

/** uv's indexes may have a name: `mirror=https://…`. */
const withoutName = (url: string): string => url.replace(/^[\w-]+=(?=\w+:)/, '');

const isOn = (value: string | undefined): boolean => /^(1|true|yes|on)$/i.test(value ?? '');

/** The index that scripts/prepack.js recorded. */
function ownIndex(): string | undefined {
  const path = join(codeDir, 'package-index.json');
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly url: string }).url;
}

/** Settings of pip's configuration files; the user's override the machine's. */
function pipConfig(env: Env): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const path of configFiles(env).filter(existsSync))
    for (const [key, value] of parseConfig(readFileSync(path, 'utf8'))) settings.set(key, value);
  return settings;
}

function configFiles(env: Env): readonly string[] {
  const home = env['HOME'] || homedir();
  const config = env['XDG_CONFIG_HOME'] || join(home, '.config');
  const named = env['PIP_CONFIG_FILE'];
  if (named === '/dev/null') return [];
  return [
    ...['/etc/pip.conf', '/etc/xdg/pip/pip.conf'],
    ...[join(home, '.pip', 'pip.conf'), join(config, 'pip', 'pip.conf')],
    ...(env['VIRTUAL_ENV'] ? [join(env['VIRTUAL_ENV'], 'pip.conf')] : []),
    ...(named ? [named] : []),
  ];
}

/** `key = value` lines of the sections that apply to `pip download`; indented lines continue a value. */
function parseConfig(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  let counts = false;
  let last = '';
  for (const line of text.split(/\r?\n/)) {
    const section = /^\[(.*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) counts = ['global', 'download'].includes(section);
    const [, key = '', value = ''] = /^([\w-]+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (!counts) continue;
    if (key !== '') settings.set((last = key), value.trim());
    else if (/^\s+\S/.test(line) && last !== '')
      settings.set(last, `${settings.get(last) ?? ''} ${line.trim()}`);
  }
  return settings;
}
