import { Command } from 'commander';
import { planProvision } from '../../tensorflow/provision/provision.ts';
import type { CommandFactory } from '../io.ts';

export const setupCommand: CommandFactory = cli =>
  new Command('setup').description('fetch TensorFlow’s native library and make it ready, once').action(
    cli.action(async () => {
      const { env, stderr } = cli.io;
      const steps = planProvision(env);
      if (steps.length === 0) stderr.write('TensorFlow’s native library is ready.\n');
      for (const step of steps) {
        stderr.write(`${step.title}\n`);
        const words = await step.run({ onProgress: text => stderr.write(`  ${text}\n`) });
        stderr.write(`  ${words}\n`);
      }
      return 0;
    }),
  );
