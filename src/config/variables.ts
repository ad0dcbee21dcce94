import type { Env } from '../core/env.ts';
import { nearest } from '../core/nearest.ts';
import { isSecretVariable } from '../core/redact.ts';
import { child, mapChildren, type Entry, type MapNode, type Node, type ScalarNode } from './node.ts';
import { plainScalar, writtenText } from './plain-scalar.ts';
import { describeNode, oneOf, problemAt, type Details, type Report } from './problems.ts';
import type { Span } from './source.ts';

/** `$${`, a literal `${`; or a variable, its name captured. */
const REFERENCE = /\$\$\{|\$\{([^}]*)\}/g;
const ONLY_REFERENCE = /^\$\{([^}]*)\}$/;
const ENVIRONMENT = /^env\.(.+)$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Total limits for variables made of variables, each twice as long as the previous one. */
const MAX_CHARACTERS = 1_000_000;
const MAX_VALUES = 50_000;

/** Escapes each literal `${`, so that reading the text returns it. */
export function escapeReferences(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** A pipeline's variables; those of a file override those of its base. */
export class Variables {
  /** Values that could not be replaced; further problems with them are not reported. */
  readonly unresolved = new Set<Node>();
  /** Names of the environment variables that were read. */
  readonly fromEnvironment = new Set<string>();
  readonly #entries = new Map<string, Entry>();
  readonly #resolved = new Map<string, Node>();
  readonly #resolving: string[] = [];
  /** Users of each variable: other variables, and null for the rest of the pipeline. */
  readonly #users = new Map<string, Set<string | null>>();
  readonly #env: Env;
  readonly #report: Report;
  #values = 0;
  #characters = 0;

  constructor(env: Env, report: Report) {
    this.#env = env;
    this.#report = report;
  }

  names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Adds the `vars:` of a pipeline; call it for the base first. */
  addFrom(root: MapNode): void {
    const vars = child(root, 'vars');
    if (vars?.kind !== 'map') return;
    for (const [name, entry] of vars.entries) this.set(name, entry);
  }

  set(name: string, entry: Entry): void {
    if (VARIABLE_NAME.test(name) && name !== 'env') this.#entries.set(name, entry);
    else
      this.#report(
        problemAt(entry.key, 'invalid-name', `"${name}" cannot be the name of a variable`, {
          expected: 'letters, digits, _ and -, beginning with a letter or _; not env',
        }),
      );
  }

  /** Resolves every variable, so that mistakes in unused ones are found as well. */
  resolveAll(): void {
    for (const [name, entry] of this.#entries) if (!this.#resolved.has(name)) this.#resolve(name, entry);
  }

  /** Variables that nothing in the pipeline uses, directly or through others. */
  unused(): readonly { readonly name: string; readonly key: Span }[] {
    const isUsed = (name: string | null): boolean =>
      name === null || [...(this.#users.get(name) ?? [])].some(isUsed);
    return [...this.#entries].flatMap(([name, { key }]) => (isUsed(name) ? [] : [{ name, key }]));
  }

  /** Replaces every `${…}` in the strings of a value. */
  substitute(node: Node): Node {
    if (node.kind !== 'scalar') return mapChildren(node, inner => this.substitute(inner));
    if (typeof node.value !== 'string' || !node.value.includes('${')) return node;
    const only = ONLY_REFERENCE.exec(node.value)?.[1];
    return only === undefined ? this.#interpolate(node, node.value) : this.#lookUp(only, node);
  }

  #interpolate(node: ScalarNode, text: string): Node {
    const found = new Map<string, ScalarNode>();
    const value = text.replace(REFERENCE, (_, name: string | undefined) => {
      if (name === undefined) return '${';
      if (this.#characters > MAX_CHARACTERS) return '';
      const part = this.#partOf(name, node);
      found.set(name, part);
      const written = writtenText(part);
      this.#characters += written.length;
      if (this.#characters > MAX_CHARACTERS) this.#rejectSize(node);
      return written;
    });
    if (this.unresolved.has(node)) return node;
    if (![...found.values()].some(({ reference }) => reference !== undefined)) return { ...node, value };
    // Other values are replaced; secrets stay references, to be resolved again later.
    const reference = text.replace(REFERENCE, (whole, name: string | undefined) => {
      const part = name === undefined ? undefined : found.get(name);
      return part === undefined ? whole : (part.reference ?? escapeReferences(writtenText(part)));
    });
    return { ...node, value, reference };
  }

  #partOf(name: string, at: ScalarNode): ScalarNode {
    const found = this.#lookUp(name, at);
    if (found.kind === 'scalar' && found.value !== null) return found;
    this.#reject(at, 'wrong-variable', `variable "${name}" cannot be a part of a text`, {
      expected: 'a text, a number or true or false',
      found: describeNode(found),
    });
    return { ...at, value: '' };
  }

  /** The variable's value; the node itself, with the problem reported, when there is none. */
  #lookUp(name: string, at: ScalarNode): Node {
    const fromEnvironment = ENVIRONMENT.exec(name)?.[1];
    if (fromEnvironment !== undefined) return this.#environment(fromEnvironment, at);
    const entry = this.#entries.get(name);
    if (entry === undefined) return this.#rejectName(name, at);
    if (this.#resolving.includes(name)) {
      const loop = [...this.#resolving.slice(this.#resolving.indexOf(name)), name].join(' → ');
      return this.#reject(at, 'variable-cycle', `variables refer to each other in a circle: ${loop}`);
    }
    this.#users.set(name, (this.#users.get(name) ?? new Set()).add(this.#resolving.at(-1) ?? null));
    const value = this.#resolved.get(name) ?? this.#resolve(name, entry);
    if (this.unresolved.has(value)) this.unresolved.add(at);
    this.#values += countValues(value);
    return this.#values <= MAX_VALUES ? value : this.#rejectSize(at);
  }

  #resolve(name: string, entry: Entry): Node {
    this.#resolving.push(name);
    const value = this.substitute(entry.value);
    this.#resolving.pop();
    this.#resolved.set(name, value);
    return value;
  }

  #environment(name: string, at: ScalarNode): Node {
    const text = this.#env[name];
    if (text !== undefined) {
      this.fromEnvironment.add(name);
      const node = { ...at, value: text, ...otherThan(text) };
      return isSecretVariable(name, text) ? { ...node, reference: `\${env.${name}}` } : node;
    }
    const suggestion = nearest(name, Object.keys(this.#env));
    const hint = `set it: export ${name}=…`;
    return this.#reject(at, 'unknown-variable', `the environment has no variable ${name}`, {
      suggestion,
      hint,
    });
  }

  #rejectName(name: string, at: ScalarNode): Node {
    const names = this.names();
    return this.#reject(at, 'unknown-variable', `unknown variable "${name}"`, {
      expected: names.length === 0 ? 'no variable: the pipeline has none' : oneOf(names),
      suggestion: this.#env[name] === undefined ? nearest(name, names) : `env.${name}`,
      hint: 'a literal ${ is written $${',
    });
  }

  #rejectSize(at: ScalarNode): Node {
    return this.#reject(at, 'too-large', 'too large once variables are replaced');
  }

  #reject(at: ScalarNode, code: string, message: string, details: Details = {}): Node {
    this.unresolved.add(at);
    this.#report(problemAt(at.span, code, message, details));
    return at;
  }
}

/** The other reading of an environment variable, as a number, true or false, for schemas that expect one. */
function otherThan(text: string): Pick<ScalarNode, 'otherwise'> {
  const value = plainScalar(text);
  return typeof value === 'number' || typeof value === 'boolean' ? { otherwise: value } : {};
}

function countValues(node: Node): number {
  if (node.kind === 'scalar') return 1;
  const children = node.kind === 'list' ? node.items : [...node.entries.values()].map(({ value }) => value);
  return children.reduce((sum, inner) => sum + countValues(inner), 1);
}
