import { Argument, type Command } from 'commander';
import { addExamples } from '../connection-options.ts';

const SHELLS = ['bash', 'zsh', 'fish'];

export function defineCompletion(command: Command): void {
  command.addArgument(new Argument('<shell>', 'whose completions').choices(SHELLS)).action(async (shell: string) => {
    const { script } = await import('@bomb.sh/tab');
    script(shell, 'muttctl', 'muttctl');
  });
  addExamples(
    command,
    {
      'source <(muttctl completion bash)': 'in ~/.bashrc',
      'source <(muttctl completion zsh)': 'in ~/.zshrc',
      'muttctl completion fish > ~/.config/fish/completions/muttctl.fish': 'once',
    },
    'Completes commands, options, and the keys of the namespace that MUTT_CONFIG_URL (or --url) names.',
  );
}
