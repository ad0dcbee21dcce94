export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const BASH = `# pipe's completion for bash: eval "$(pipe completion bash)" in ~/.bashrc
_pipe_complete() {
  local line="\${COMP_LINE:0:COMP_POINT}" word IFS=$'\\n'
  word="\${line##*[[:space:]]}"
  COMPREPLY=($("$1" complete --line "$line" 2>/dev/null))
  # bash takes = and : for the ends of words: what stands before them stays.
  local before="\${word%"\${word##*[=:]}"}"
  COMPREPLY=("\${COMPREPLY[@]#"$before"}")
  [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == *[=./] ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _pipe_complete pipe
`;

const ZSH = `#compdef pipe
# pipe's completion for zsh: eval "$(pipe completion zsh)" in ~/.zshrc, after compinit
_pipe_complete() {
  local -a found
  found=("\${(@f)$(pipe complete --line "$LBUFFER" 2>/dev/null)}")
  found=(\${found:#})
  (( \${#found} )) || return 1
  compadd -S ' ' -- \${found:#*[=./]}
  compadd -S '' -- \${(M)found:#*[=./]}
}
compdef _pipe_complete pipe
`;

const FISH = `# pipe's completion for fish: pipe completion fish > ~/.config/fish/completions/pipe.fish
complete -c pipe -f -a '(pipe complete --line (commandline -cp | string collect) 2>/dev/null)'
`;

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
