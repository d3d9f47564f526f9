export LC_ALL=C
nl='
'
cr=$(printf '\r')
said=/tmp/said
made=
# What is left out of folders that are read. This is never there.
SKIP=./lost+found/.

# Says why it ends.
stop() {
  printf '%s\n' "$*" | tr '\000-\011\013-\037\177' '?' >&2
  exit 1
}

# Leaves nothing that looks whole, however it ends.
clear() {
  if [ -n "$made" ]; then
    chmod -R u+rwX "$made" 2>/dev/null || true
    rm -rf "$made"
  fi
}
trap clear EXIT
trap 'exit 143' TERM INT

# Runs beside the shell, which so hears that it shall stop. What it complains of is kept.
step() {
  "$@" 2>"$said" &
  wait "$!"
}

# After a step that failed: what it complained of, a full volume in words.
complain() {
  head -n 20 "$said" >&2
  if grep -q -i -e 'no space left' -e 'quota exceeded' "$said"; then stop "$FULL"; fi
  stop "$*"
}

# Names that do not fit on a line as they are: where a name has a backslash or an end of line, these are written as \\, \n and \r,
# and the line begins with a backslash, as GNU sha256sum does it.
escape='
  cr=$(printf "\r")
  escaped() {
    printf "%s\n" "$1" | sed -e "s/\\\\/\\\\\\\\/g" -e "s/$cr/\\\\r/g" | awk "{ printf \"%s%s\", end, \$0; end = \"\\\\n\" }"
  }
'
plain() {
  find . -mindepth 1 -path "$SKIP" -prune -o ! \( -path "*$nl*" -o -path "*$cr*" -o -path '*\\*' \) "$@"
}
odd() {
  find . -mindepth 1 -path "$SKIP" -prune -o \( -path "*$nl*" -o -path "*$cr*" -o -path '*\\*' \) "$@"
}

# The hash of every regular file below here.
hashes() {
  plain -type f -exec sha256sum {} + && odd -type f -exec sh -c "$escape"'
    for file; do
      hash=$(sha256sum <"$file") || exit 1
      printf "\\\\%s  %s\n" "${hash%% *}" "$(escaped "$file")"
    done' sh {} +
}

# The mode of everything below here that is so.
modes() {
  plain "$@" -exec stat -c '%a %n' {} + && odd "$@" -exec sh -c "$escape"'
    for file; do
      mode=$(stat -c %a "$file") || exit 1
      printf "\\\\%s %s\n" "$mode" "$(escaped "$file")"
    done' sh {} +
}

# Names the files that two lists of hashes do not agree on, the first twenty.
differences() {
  awk '
    { is = substr($0, 1, 1) == "\\" ? 68 : 67; name = substr($0, is); hash = substr($0, is - 66, 64) }
    FILENAME == ARGV[1] { was[name] = hash; next }
    !(name in was) { print name; next }
    { if (was[name] != hash) print name; delete was[name] }
    END { for (name in was) print name }' "$1" "$2" | sed 's|^\./||' | sort | head -n 20
}
