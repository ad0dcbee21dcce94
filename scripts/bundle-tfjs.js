/**
 * TensorFlow.js and tfjs-node in one file, `tfjs.cjs`, used by src/tensorflow/tfjs.ts, with the sources of tfjs-node's addon
 * beside it. So the installed package has no dependency with an install script that downloads TensorFlow.
 */
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';

const ENTRY = `
exports.tfjs = () => require('@tensorflow/tfjs');
exports.tfjsNode = () => require('@tensorflow/tfjs-node-gpu');
exports.protocol = () => require('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js');
exports.addonFinder = () => require('@mapbox/node-pre-gyp');
`;

/** Packages that are replaced, by name: the code that stands in for each. */
const STAND_INS = {
  // tfjs-node asks where its addon is; src/tensorflow/tfjs.ts supplies the path.
  '@mapbox/node-pre-gyp': "exports.find = () => '';",
  // There is no WebGL in Node, and a sixth of the bundle for it.
  '@tensorflow/tfjs-backend-webgl': "exports.version_webgl = 'none';",
  // Node has a fetch of its own, which TensorFlow.js prefers.
  'node-fetch': 'module.exports = (...args) => fetch(...args);',
};

const standIns = {
  name: 'stand-ins',
  setup(build) {
    const names = Object.keys(STAND_INS).map(name => name.replaceAll('/', '\\/'));
    build.onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path }) => ({
      path,
      namespace: 'stand-in',
    }));
    build.onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({ contents: STAND_INS[path] }));
  },
};

/** Writes both into a folder; returns the metafile of the bundle. */
export async function bundleTfjs(root, folder) {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: ENTRY, resolveDir: root },
    outfile: join(folder, 'tfjs.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    minify: true,
    // TensorFlow.js identifies layers by the names of their classes.
    keepNames: true,
    legalComments: 'none',
    mainFields: ['main'],
    logLevel: 'warning',
    metafile: true,
    plugins: [standIns],
  });
  const { resolve } = createRequire(join(root, 'package.json'));
  const binding = join(dirname(resolve('@tensorflow/tfjs-node-gpu/package.json')), 'binding');
  cpSync(binding, join(folder, 'tensorflow', 'binding'), { recursive: true });
  return metafile;
}
