import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { builtInStageNames } from '../../config/catalog.ts';
import { expandHome } from '../../host/home.ts';
import { experimentsDir, openRegistry, type Registry } from '../../registry/index.ts';
import type { Io } from '../io.ts';
import type { Line } from './line.ts';
import { settings, stagesOf } from './settings.ts';

interface At {
  readonly command: Command;
  /** The words after the command's name. */
  readonly given: readonly string[];
  readonly current: string;
  readonly io: Io;
}

/** Completions at the cursor. @param program All commands with their options. */
export async function complete(
  program: Command,
  { words, current }: Line,
  io: Io,
): Promise<readonly string[]> {
  const [name, ...given] = words;
  if (name === undefined) return startingWith(current, visible(program));
  const command = program.commands.find(each => each.name() === name);
  if (command === undefined) return [];
  const [inner, ...rest] = given;
  const below = command.commands.find(each => each.name() === inner);
  if (below !== undefined)
    return startingWith(current, await candidates({ command: below, given: rest, current, io }));
  const own = given.length === 0 ? visible(command).filter(each => each !== 'help') : [];
  return startingWith(current, [...own, ...(await candidates({ command, given, current, io }))]);
}

const startingWith = (current: string, all: readonly string[]): readonly string[] =>
  [...new Set(all)].filter(each => each.startsWith(current));

const visible = (program: Command): readonly string[] =>
  program
    .createHelp()
    .visibleCommands(program)
    .map(command => command.name());

async function candidates(at: At): Promise<readonly string[]> {
  const { command, given, current } = at;
  const [, flag, value = ''] = /^(--[\w-]+)=(.*)$/s.exec(current) ?? [];
  const joined = flag === undefined ? undefined : optionOf(command, flag);
  if (joined !== undefined)
    return (await optionValues(joined, { ...at, current: value })).map(each => `${flag}=${each}`);
  const before = optionOf(command, given.at(-1) ?? '');
  if (before?.required === true) return optionValues(before, at);
  if (current.startsWith('-'))
    return command.options.flatMap(({ long, hidden }) => (hidden ? [] : (long ?? []))).concat('--help');
  return argumentValues(at);
}

const optionOf = (command: Command, flag: string): Option | undefined =>
  command.options.find(({ long, short }) => long === flag || short === flag);

async function optionValues(option: Option, at: At): Promise<readonly string[]> {
  if (option.argChoices !== undefined) return option.argChoices;
  switch (option.long ?? '') {
    case '--set':
      return settings(pipelineOf(at), at.current);
    case '--from':
    case '--to':
    case '--force-stage':
      return [...stagesOf(pipelineOf(at) ?? '').keys()];
    case '--delete':
      return [...registryOf(at).tags.all().tags.keys()];
    case '--experiments':
      return paths(at, () => false);
    default:
      return [];
  }
}

function argumentValues(at: At): readonly string[] {
  const [argument] = at.command.registeredArguments;
  switch (argument?.name() ?? '') {
    case 'pipeline':
    case 'sweep':
      return paths(at, name => /\.ya?ml$/.test(name));
    case 'experiment':
    case 'experiments':
    case 'things':
      return experiments(registryOf(at));
    case 'id':
      return registryOf(at).sweeps.ids().toReversed();
    case 'name':
      return [...builtInStageNames(), ...paths(at, name => /\.[cm]?[jt]s$/.test(name))];
    case 'folder':
      return paths(at, () => false);
    default:
      return argument?.argChoices ?? [];
  }
}

const experiments = (registry: Registry): readonly string[] => [
  'latest',
  ...registry.tags.all().tags.keys(),
  ...registry.ids().toReversed(),
];

/** The pipeline file named on the line, or that of the named experiment. */
function pipelineOf({ given, io, ...at }: At): string | undefined {
  const file = given.find(word => /\.ya?ml$/.test(word));
  if (file !== undefined) return resolve(io.cwd, expandHome(file, io.env));
  const registry = registryOf({ given, io, ...at });
  const named = given.find(word => !word.startsWith('-'));
  const id = named === undefined ? undefined : (registry.tags.all().tags.get(named) ?? named);
  return id === undefined ? undefined : join(registry.dir, id, 'resolved.yaml');
}

function registryOf({ given, io }: Pick<At, 'given' | 'io'>): Registry {
  const at = given.findLastIndex(word => /^--experiments(=|$)/.test(word));
  const [, joined] = given[at]?.split('=', 2) ?? [];
  return openRegistry(experimentsDir(at === -1 ? undefined : (joined ?? given[at + 1]), io));
}

/** Folders and wanted files that complete the typed path. */
function paths({ current, io }: At, isWanted: (name: string) => boolean): readonly string[] {
  const folder = current.endsWith('/') ? current : current.includes('/') ? `${dirname(current)}/` : '';
  const prefix = folder === '//' ? '/' : folder;
  const entries = readdirSync(resolve(io.cwd, expandHome(prefix, io.env)), { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .flatMap(entry => {
      if (entry.isDirectory()) return [`${prefix}${entry.name}/`];
      return isWanted(entry.name) ? [`${prefix}${entry.name}`] : [];
    });
}
