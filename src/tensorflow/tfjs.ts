import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import { codeDir, isBuilt } from '../host/paths.ts';

/**
 * TensorFlow.js and its native backend, tfjs-node. A build has both in one file (scripts/bundle-tfjs.js), so that an
 * installed package depends on neither: the install script of tfjs-node fetches a TensorFlow of 2022, and fails.
 */
interface Packages {
  tfjs(): TensorFlowNamespace;
  tfjsNode(): TensorFlowNamespace;
  /** TensorFlow's protocol buffer classes, which tfjs-node has without types. */
  protocol(): unknown;
  /** Replaces node-pre-gyp, which tfjs-node calls for the path of its addon. */
  addonFinder(): { find: () => string };
}

const require = createRequire(import.meta.url);
let packages: Packages | undefined;

const loaded = (): Packages =>
  (packages ??= isBuilt ? (require(join(codeDir, 'tfjs.cjs')) as Packages) : installed);

/** The packages in node_modules, where pipe runs from its source. */
const installed: Packages = {
  tfjs: () => require('@tensorflow/tfjs') as TensorFlowNamespace,
  tfjsNode: () => require('@tensorflow/tfjs-node-gpu') as TensorFlowNamespace,
  protocol: () => require('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as unknown,
  addonFinder() {
    const path = createRequire(require.resolve('@tensorflow/tfjs-node-gpu')).resolve('@mapbox/node-pre-gyp');
    const standIn = new Module(path);
    standIn.exports = { find: () => '' };
    standIn.loaded = true;
    return (require.cache[path] ??= standIn).exports as { find: () => string };
  },
};

/** TensorFlow.js, on its pure JavaScript backend. */
export const requireTfjs = (): TensorFlowNamespace => loaded().tfjs();

/** TensorFlow.js on the native library that `addon` links. */
export function requireTfjsNode(addon: string): TensorFlowNamespace {
  loaded().addonFinder().find = () => addon;
  restoreUtil();
  return loaded().tfjsNode();
}

/** TensorFlow's protocol buffer classes. */
export const requireProtocol = (): unknown => loaded().protocol();

/** TensorFlow.js 4 calls two functions of node:util that Node 23 removed. */
function restoreUtil(): void {
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
