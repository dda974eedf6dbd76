/**
 * The script that makes a bash complete. Not the one of `@bomb.sh/tab`: that one needs the package bash-completion, runs
 * what the line holds in `$(…)`, writes the beginning of a key with a colon twice, and fails when it is read twice.
 */
export const BASH_COMPLETION = `# bash completion for muttctl

_muttctl() {
    local words=() typed word line candidate cut i
    # bash cuts words at : and =, which keys and pairs hold.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=\${COMP_WORDS[i]}
        typed=
        ((\${#words[@]})) && typed=\${words[\${#words[@]}-1]}
        [[ $word || \${COMP_LINE:COMP_POINT-1:1} != ' ' ]] || cut=
        if [[ $typed && ( $cut || $word =~ ^[:=]+$ ) && $COMP_LINE == *"$typed$word"* ]]; then
            words[\${#words[@]}-1]+=$word
        else
            words+=("$word")
        fi
        [[ $word =~ ^[:=]+$ ]] && cut=yes || cut=
    done
    typed=\${words[\${#words[@]}-1]}
    # What bash takes for the word is replaced, and no more of it.
    [[ $cut ]] || typed=\${typed%"$word"}
    COMPREPLY=()
    while IFS= read -r line; do
        # The last line is no candidate.
        [[ $line == *$'\\t'* ]] || continue
        candidate=\${line%%$'\\t'*}
        [[ $candidate == *= ]] && compopt -o nospace 2>/dev/null
        COMPREPLY+=("\${candidate#"$typed"}")
    done < <(muttctl complete -- "\${words[@]}" 2>/dev/null)
}

complete -F _muttctl muttctl
`;
