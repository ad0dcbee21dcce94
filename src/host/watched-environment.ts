import { mattersAlways } from './variables.ts';
import type { Env } from '../core/env.ts';

/** Called with the name of a variable and its value, undefined for one that is not set. */
export type OnVariable = (name: string, value: string | undefined) => void;

/**
 * An environment that reports which variables are read. Listing all of them, as for a child process, counts as reading those that
 * may change results.
 */
export function watchedEnvironment<E extends Env>(env: E, onRead: OnVariable): E {
  let isListing = false;
  return new Proxy(env, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as string | undefined;
      if (typeof name === 'string' && !isListing) onRead(name, value);
      return value;
    },
    has: (target, name) => {
      if (typeof name === 'string') onRead(name, target[name]);
      return Reflect.has(target, name);
    },
    ownKeys: target => {
      for (const name of Object.keys(target).filter(mattersAlways)) onRead(name, target[name]);
      // The reads that follow belong to the listing.
      isListing = true;
      queueMicrotask(() => {
        isListing = false;
      });
      return Reflect.ownKeys(target);
    },
    // Not with the proxy as the receiver: process.env would refuse to be defined.
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}
