import type { Io } from '../io.ts';

/** Commands of a package manager. */
export interface Manager {
  readonly install: string;
  readonly add: string;
  readonly addForDevelopment: string;
  /** Prefix of a command that a package provides. */
  readonly execute: string;
}

const npm: Manager = {
  install: 'npm install',
  add: 'npm install',
  addForDevelopment: 'npm install --save-dev',
  execute: 'npx',
};

const MANAGERS: ReadonlyMap<string | undefined, Manager> = new Map([
  ['pnpm', adding('pnpm', '--save-dev', 'exec')],
  ['yarn', adding('yarn', '--dev', 'run')],
]);

function adding(name: string, flag: string, execute: string): Manager {
  return {
    install: `${name} install`,
    add: `${name} add`,
    addForDevelopment: `${name} add ${flag}`,
    execute: `${name} ${execute}`,
  };
}

/** The package manager that started this command, by its user agent; otherwise npm. */
export const managerOf = (env: Io['env']): Manager =>
  MANAGERS.get(env['npm_config_user_agent']?.split('/')[0]) ?? npm;
