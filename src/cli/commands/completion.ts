import { Argument, Command, Option } from 'commander';
import { helpNotes } from '../help.ts';
import type { CommandFactory } from '../io.ts';
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.ts';

export const completionCommand: CommandFactory = cli =>
  new Command('completion')
    .summary('print the completion script of a shell')
    .description(
      'Print the completion script of a shell: commands, options, stages, parameters, experiments, tags.',
    )
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe completion bash >> ~/.bashrc', 'for every new bash'],
          ['pipe completion zsh >> ~/.zshrc', 'after the line with compinit'],
          ['pipe completion fish > ~/.config/fish/completions/pipe.fish', 'for fish'],
        ],
      }),
    )
    .action(
      cli.action((shell: Shell) => {
        cli.io.stdout.write(SCRIPTS[shell]);
        return Promise.resolve(0);
      }),
    );

/** The command that completion scripts call: prints one candidate per line. Hidden from users. */
export const completeCommand: CommandFactory = cli => {
  const command = new Command('complete');
  return command.addOption(new Option('--line <text>').default('')).action(
    cli.action(async ({ line }: { readonly line: string }) => {
      const [{ complete }, { readLine }] = await Promise.all([
        import('../completion/complete.ts'),
        import('../completion/line.ts'),
      ]);
      try {
        const found = command.parent && (await complete(command.parent, readLine(line), cli.io));
        for (const each of found ?? []) if (!/[\p{Cc}]/u.test(each)) cli.io.stdout.write(`${each}\n`);
      } catch {
        // No message fits into a line being typed: a broken file completes nothing.
      }
      return 0;
    }),
  );
};
