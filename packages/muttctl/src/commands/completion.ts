import { Argument, type Command } from 'commander';
import { addExamples } from '../connection-options.ts';

const SHELLS = ['bash', 'zsh', 'fish'];

export function defineCompletion(command: Command): void {
  command.addArgument(new Argument('<shell>', 'whose completions').choices(SHELLS)).action(async (shell: string) => {
    if (shell === 'bash') {
      process.stdout.write((await import('../bash-completion.ts')).BASH_COMPLETION);
      return;
    }
    const { script } = await import('@bomb.sh/tab');
    // It prints the script, and hands it to nobody.
    // oxlint-disable no-console
    const write = console.log;
    console.log = (text: string) => write(withColons(text));
    try {
      script(shell, 'muttctl', 'muttctl');
    } finally {
      console.log = write;
    }
    // oxlint-enable no-console
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

/** What a zsh takes for the end of a word and the beginning of its description; the script fails to escape it. */
function withColons(script: string): string {
  return script.replace('${comp//:/\\:}', () => '${comp//:/\\\\:}');
}
