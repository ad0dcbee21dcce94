import type { LayerSpec, NetworkSpec } from '../../core/artifacts.ts';
import { nearest } from '../../core/nearest.ts';
import type { ParamProblem } from '../../core/stage.ts';
import { branchLabel, branchPath, kindOf, withDefaults } from '../layer-specs.ts';
import type { AnyLayerKind } from '../layer.ts';
import { layerKinds } from '../layers/index.ts';
import { sequential } from '../layers/sequential.ts';
import { substitute, type Scope } from './references.ts';
import { valueFault } from './values.ts';
import { isBlockUse, type BlockUse, type Blocks, type WrittenLayer, type WrittenNetwork } from './written.ts';

/** Most layers of a network once its blocks are in their places: blocks of blocks multiply. */
const MAX_EXPANDED = 10_000;

/** A layer or a list of layers as written. */
interface Place {
  readonly path: ParamProblem['path'];
  /** For messages: `generator, layer 3 (block up), layer 2 (conv2d)`. */
  readonly label: string;
}

/** What is wrong at a place; the message lacks the place's label. */
type Complaint = Omit<ParamProblem, 'path'>;

const NOTHING: Scope = new Map();

/**
 * Puts the layers of blocks in the places of their uses, each as one `sequential` layer. Mistakes are those of uses, and of values
 * that a layer cannot take; each is told once, with the first use that leads to it.
 */
export class BlockExpansion {
  /** Blocks that a network uses, by itself or by others. */
  readonly used = new Set<string>();
  readonly #blocks: ReadonlyMap<string, Blocks[string]>;
  readonly #mistakes = new Map<string, ParamProblem>();
  readonly #open: string[] = [];
  #count = 0;

  constructor(blocks: Blocks = {}) {
    this.#blocks = new Map(Object.entries(blocks));
  }

  get mistakes(): readonly ParamProblem[] {
    return [...this.#mistakes.values()];
  }

  /** @param path Of the network in the file: `['generator']`. */
  network(label: string, { layers }: WrittenNetwork, path: readonly string[]): NetworkSpec {
    this.#count = 0;
    return { layers: this.#layers(layers, { path: [...path, 'layers'], label }, NOTHING) };
  }

  #layers(layers: readonly WrittenLayer[], place: Place, scope: Scope): readonly LayerSpec[] {
    return layers.flatMap((layer, index) => {
      const name = isBlockUse(layer) ? `block ${layer.block}` : layer.use;
      const here = { path: [...place.path, index], label: `${place.label}, layer ${index + 1} (${name})` };
      return isBlockUse(layer) ? this.#use(layer, here, scope) : [this.#layer(layer, here, scope)];
    });
  }

  #layer(layer: LayerSpec, here: Place, scope: Scope): LayerSpec {
    this.#count++;
    const kind = kindOf(layer, layerKinds);
    const branches = Object.entries(kind.branches?.(withDefaults(kind, layer)) ?? {});
    const lists: Record<string, unknown> = {};
    for (const [branch, inside] of branches) {
      const place = {
        path: [...here.path, ...branchPath(branch)],
        label: here.label + branchLabel(branch),
      };
      const layers = this.#layers(inside, place, scope);
      const [name = '', index] = branch.split('/');
      lists[name] = index === undefined ? layers : [...((lists[name] ?? []) as unknown[]), layers];
    }
    const own = Object.entries(layer).filter(([name]) => name !== 'use' && !(name in lists));
    const params = own.map(
      ([name, written]) => [name, this.#value(kind, name, written, here, scope)] as const,
    );
    return { use: layer.use, ...Object.fromEntries(params), ...lists };
  }

  #value(kind: AnyLayerKind, name: string, written: unknown, here: Place, scope: Scope): unknown {
    // Outside of blocks the schema has said it all.
    if (this.#open.length === 0) return written;
    const value = substitute(written, scope);
    const fault = valueFault(kind, { name, written, value, scope });
    const message = `parameter "${name}" has a wrong value`;
    if (fault !== undefined) this.#report(here, [name], { code: 'wrong-value', message, ...fault });
    return value;
  }

  #use(use: BlockUse, here: Place, scope: Scope): readonly LayerSpec[] {
    const { block: name, ...given } = use;
    const block = this.#blocks.get(name);
    if (block === undefined) return this.#refuse(here, ['block'], this.#unknown(name));
    this.used.add(name);
    if (this.#open.includes(name)) {
      const circle = [...this.#open.slice(this.#open.indexOf(name)), name].join(' → ');
      return this.#refuse(here, [], {
        code: 'block-cycle',
        message: `block ${name} contains itself: ${circle}`,
      });
    }
    if (this.#count > MAX_EXPANDED) {
      const message = `the network has more than ${MAX_EXPANDED} layers with this block in it`;
      return this.#refuse(here, [], { code: 'too-large', message });
    }
    const values = this.#values(name, block.params ?? {}, given, here, scope);
    if (values === undefined) return [];
    this.#open.push(name);
    const place = { path: ['blocks', name, 'layers'], label: here.label };
    const layers = this.#layers(block.layers, place, values);
    this.#open.pop();
    return [{ use: sequential.type, name, layers }];
  }

  /** Values of a block's parameters in a use; undefined, with the mistakes told, where one is missing. */
  #values(
    block: string,
    params: Readonly<Record<string, unknown>>,
    given: Readonly<Record<string, unknown>>,
    here: Place,
    scope: Scope,
  ): Scope | undefined {
    const names = Object.keys(params);
    for (const name of Object.keys(given))
      if (!names.includes(name))
        this.#report(here, [], {
          code: 'unknown-parameter',
          message: `unknown parameter "${name}" of block ${block}`,
          expected: names.length === 0 ? 'no parameter: it has none' : `one of ${names.join(', ')}`,
          ...suggested(name, names),
        });
    const values = new Map<string, unknown>();
    for (const [name, standard] of Object.entries(params))
      if (Object.hasOwn(given, name)) values.set(name, substitute(given[name], scope));
      else if (standard !== null) values.set(name, substitute(standard, values));
      else this.#report(here, [], missing(block, name));
    return values.size === names.length ? values : undefined;
  }

  #unknown(name: string): Complaint {
    const names = [...this.#blocks.keys()];
    return {
      code: 'unknown-block',
      message: `there is no block "${name}"`,
      expected: names.length === 0 ? 'no block: the file has none' : `one of ${names.join(', ')}`,
      ...suggested(name, names),
      ...(layerKinds.has(name) && { hint: `It is a layer: write { use: ${name}, … }.` }),
    };
  }

  #refuse(here: Place, inside: readonly string[], complaint: Complaint): readonly [] {
    this.#report(here, inside, complaint);
    return [];
  }

  #report({ path, label }: Place, inside: readonly string[], complaint: Complaint): void {
    const place = [...path, ...inside];
    const key = JSON.stringify([place, complaint]);
    if (this.#mistakes.has(key)) return;
    this.#mistakes.set(key, { ...complaint, path: place, message: `${label}: ${complaint.message}` });
  }
}

const missing = (block: string, name: string): Complaint => ({
  code: 'missing-parameter',
  message: `missing parameter "${name}" of block ${block}, which has no default for it`,
  hint: `Write { block: ${block}, ${name}: … }.`,
});

function suggested(name: string, names: readonly string[]): Pick<ParamProblem, 'suggestion'> {
  const suggestion = nearest(name, names);
  return suggestion === undefined ? {} : { suggestion };
}
