/** Which packages are part of the bundles: their versions, and their licences. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folders of the packages of which something is in a bundle, relative to the root. */
function bundledFolders(metafiles) {
  const files = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = files.flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

/** JSON: versions, by name, of those packages that package.json names; theirs in turn follow from the lockfile. */
export function bundledVersions(root, metafiles) {
  const { devDependencies } = readPackage(root);
  const folders = bundledFolders(metafiles);
  // Those of other versions lie deeper; node_modules itself may be a link.
  const top = folders.flatMap(folder =>
    folder
      .split(/(?:^|\/)node_modules\//)
      .slice(1)
      .join(' '),
  );
  const direct = Object.keys(devDependencies).filter(name => top.includes(name));
  if (direct.length === 0) throw new Error('no package was found in the bundles');
  const versions = direct.map(name => [name, readPackage(join(root, 'node_modules', name)).version]);
  return JSON.stringify(Object.fromEntries(versions), null, 2);
}

const readPackage = folder => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Text: the licences of everything in the bundles. A text that several have stands there once. */
export function licences(root, metafiles) {
  const holders = new Map();
  for (const folder of bundledFolders(metafiles)) {
    const { name, version, license } = readPackage(join(root, folder));
    const text = licenceText(join(root, folder)) ?? licenceText(join(root, APACHE[license] ?? ''));
    if (text === undefined)
      throw new Error(`${name} ${version} (${license}) is bundled and has no licence text`);
    holders.set(text, [...(holders.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...holders].map(([text, names]) => `${names.sort().join('\n')}\n\n${text.trim()}\n`);
  return `pipe's code contains parts of these packages.\n\n${parts.join(`\n${'-'.repeat(78)}\n\n`)}`;
}

/** TensorFlow.js says which licence it has, and does not bring its text: this one does. */
const APACHE = { 'Apache-2.0': 'node_modules/long' };

function licenceText(folder) {
  const file = readdirSync(folder).find(name => /^(licen[cs]e|copying)(\.|-|$)/i.test(name));
  return file && readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n');
}
