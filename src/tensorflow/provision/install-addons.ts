import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { codeDir } from '../../host/paths.ts';
import { compileAddons, missingAddons, type AddonOptions } from './compile-addons.ts';
import type { NativeLibrary } from './find-native.ts';
import { tensorflowHome } from './layout.ts';
import { probeAddons } from './probe.ts';
import { inWorkspace } from './workspace.ts';

/** Prebuilt addons of an installed package for this platform. A checkout has none and compiles its own. */
const prebuiltDir = join(codeDir, 'addons', `${process.platform}-${process.arch}`);

/** True where every missing addon is prebuilt. Prebuilt addons look for the library in the folder beside them. */
export const isPrebuilt = (native: NativeLibrary, from = prebuiltDir): boolean =>
  native.build !== 'own' &&
  missingAddons(native).every(({ target }) => existsSync(join(from, basename(target))));

/**
 * Installs the missing addons: prebuilt ones where the package has them and they load on this system, else compiled ones. Returns
 * a summary for the user.
 */
export async function installAddons(options: AddonOptions, from = prebuiltDir): Promise<string> {
  if (!isPrebuilt(options.native, from)) {
    await compileAddons(options);
    return `compiled: ${options.native.addon}`;
  }
  const unusable = await placePrebuilt(options, from);
  if (unusable === undefined) return `prebuilt: ${options.native.addon}`;
  await compileInstead(options, unusable);
  return `compiled, as the prebuilt ones do not load here (${unusable.details[0] ?? unusable.message})`;
}

/** Copies the prebuilt addons into place and loads them. Where that fails, removes them and returns the failure. */
async function placePrebuilt(
  { env, native, signal }: AddonOptions,
  from: string,
): Promise<Failure | undefined> {
  const targets = missingAddons(native).map(({ target }) => target);
  await inWorkspace(tensorflowHome(env), async dir => {
    for (const target of targets) {
      const copy = join(dir, basename(target));
      await copyFile(join(from, basename(target)), copy);
      await mkdir(dirname(target), { recursive: true });
      await rename(copy, target);
    }
  });
  try {
    await probeAddons(native, env, signal);
    return undefined;
  } catch (error) {
    for (const target of targets) await rm(target, { force: true });
    if (error instanceof Failure) return error;
    throw error;
  }
}

async function compileInstead(options: AddonOptions, unusable: Failure): Promise<void> {
  try {
    await compileAddons(options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, message, hint } = error;
    const why = `the addons that came with pipe do not load on this system: ${unusable.details.join('; ')}`;
    throw new Failure({
      code,
      message,
      details: [...error.details, why],
      ...(hint && { hint }),
      cause: error,
    });
  }
}
