/** Packages in the bundles: their versions and licences. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of the packages in the bundles, relative to the root. */
function bundledFolders(metafiles) {
  const files = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = files.flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

/** Versions by name, as JSON, of the packages in package.json; those of their dependencies follow from the lockfile. */
export function bundledVersions(root, metafiles) {
  const { devDependencies } = readPackage(root);
  // Other versions lie deeper; node_modules itself may be a link, or lie above the root.
  const top = new Map(
    bundledFolders(metafiles).map(folder => [
      folder
        .split(/(?:^|\/)node_modules\//)
        .slice(1)
        .join(' '),
      folder,
    ]),
  );
  const direct = Object.keys(devDependencies).filter(name => top.has(name));
  if (direct.length === 0) throw new Error('no package was found in the bundles');
  const versions = direct.map(name => [name, readPackage(join(root, top.get(name))).version]);
  return JSON.stringify(Object.fromEntries(versions), null, 2);
}

const readPackage = folder => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** The licences of everything in the bundles as text; equal texts appear once. */
export function licences(root, metafiles) {
  const holders = new Map();
  for (const folder of bundledFolders(metafiles)) {
    const { name, version, license } = readPackage(join(root, folder));
    const text = licenceText(join(root, folder)) ?? licenceText(join(root, APACHE[license] ?? ''));
    if (text === undefined)
      throw new Error(`${name} ${version} (${license}) is bundled and has no licence text`);
    holders.set(text, [...(holders.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  for (const file of OTHERS_DATA) holders.set(headerOf(join(root, file)), [file]);
  const parts = [...holders].map(([text, names]) => `${names.sort().join('\n')}\n\n${text.trim()}\n`);
  return `pipe's code contains parts of these packages.\n\n${parts.join(`\n${'-'.repeat(78)}\n\n`)}`;
}

/** Sources with data of others, whose terms are in their first comment: bundles have no comments. */
const OTHERS_DATA = ['src/search/joe-kuo.ts'];

function headerOf(file) {
  const [comment = ''] = /^\/\*\*[^]*?\*\//.exec(readFileSync(file, 'utf8')) ?? [];
  if (!comment.includes('Copyright')) throw new Error(`${file} has lost its terms`);
  return comment.replace(/^\/\*\*\n|^ \*\/?[ ]?/gm, '');
}

/** Source of the licence text for packages that only name their licence, such as TensorFlow.js. */
const APACHE = { 'Apache-2.0': 'node_modules/long' };

function licenceText(folder) {
  const file = readdirSync(folder).find(name => /^(licen[cs]e|copying)(\.|-|$)/i.test(name));
  return file && readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n');
}
