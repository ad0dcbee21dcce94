import { basename, isAbsolute, join, normalize, resolve } from 'node:path';
import type { Problem } from '../core/failure.ts';
import { expandHome } from '../host/home.ts';
import type { Node } from './node.ts';
import { parseYaml } from './parse-yaml.ts';
import { problemAt, type Report } from './problems.ts';
import { isSource, readSource } from './read-source.ts';
import { COMMAND_LINE, type Source, type Span } from './source.ts';

/** A file's text and parsed root, which is undefined for broken YAML. */
export interface ReadFile {
  readonly source: Source;
  readonly root: Node | undefined;
}

/** State of one load: the files read or missing, and every problem. */
export class Loading {
  readonly sources = new Set<string>();
  readonly problems: Problem[] = [];
  /** Missing data, kept apart: a pipeline may run without needing it. */
  readonly missing: Problem[] = [];

  readonly #onSources: ((files: readonly string[]) => Promise<void>) | undefined;

  /** @param onSources Called by `beforeUserCode`. */
  constructor(onSources?: (files: readonly string[]) => Promise<void>) {
    this.#onSources = onSources;
  }

  readonly report: Report = problem => {
    this.problems.push(problem);
  };

  /** Adds the files of a user's module that is about to be loaded. */
  async beforeUserCode(files: readonly string[]): Promise<void> {
    for (const file of files) this.sources.add(file);
    await this.#onSources?.([...this.sources]);
  }

  /**
   * Reads a YAML file; returns undefined, with the problem reported, when it cannot be read.
   * @param reference The place that names the file, for the problem; absent for the file of the command line.
   */
  async read(path: string, name: string, reference?: Span): Promise<ReadFile | undefined> {
    // Reported with the value that holds it.
    if (path.includes('\0')) return undefined;
    this.sources.add(path);
    const read = await readSource(path, name, reference && fileOf(reference.source));
    if (isSource(read)) return { source: read, root: parseYaml(read, this.report) };
    const { code, message, ...details } = read;
    this.report(reference === undefined ? read : problemAt(reference, code, message, details));
    return undefined;
  }
}

/** The absolute path of a source's file; its folder for the command line. */
const fileOf = ({ dir, name }: Source): string => join(dir, name === COMMAND_LINE ? '' : basename(name));

/** A path written in a source, absolute and for display. */
export function pathFrom(source: Source, written: string): { readonly path: string; readonly name: string } {
  const relativeToSource = source.settings === undefined && !isAbsolute(written) && !written.startsWith('~/');
  return {
    path: resolve(source.dir, expandHome(written)),
    name: normalize(relativeToSource ? join(source.name, '..', written) : written),
  };
}
