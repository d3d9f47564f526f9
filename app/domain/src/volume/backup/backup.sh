FULL='The volume to back up to is full. Nothing of this backup is left on it: make room there, or choose another volume.'
home=/target/stowage-backups/$BACKUP_OF
whole=$home/$BACKUP_AT

cd /source
# The file system's own, where it is not a person's.
if [ -n "$(find . -maxdepth 1 -name lost+found -type d -user 0)" ]; then SKIP=./lost+found; fi

# The first twenty names of what is found and, in the words of the shell, is so.
named() {
  is=$1
  shift
  find . -path "$SKIP" -prune -o "$@" -exec sh -c '
    for file; do
      if '"$is"'; then printf "%s" "${file#./}" | tr "\000-\037\177" "?"; echo; fi
    done' sh {} + 2>/dev/null | head -n 20
}
names=$(named '[ ! -r "$file" ] || { [ -d "$file" ] && [ ! -x "$file" ]; }' ! -type l)
[ -z "$names" ] || stop "This cannot be read, so nothing was backed up. Make it readable (chmod), or remove it:$nl$names"
names=$(named true \( -type s -o -type p -o -type b -o -type c \))
[ -z "$names" ] || stop "This is neither a file, a folder nor a link, so it cannot be packed. Remove it first:$nl$names"

unwritable='The volume to back up to cannot be written to.'
mkdir -p "$home" 2>"$said" || complain "$unwritable"
[ ! -e "$whole" ] || stop 'A backup of this moment is there already. Back up once more.'
# What was cut off days ago is at work no more.
find "$home" -maxdepth 1 -name '.unfinished-*' -mtime +1 -exec rm -rf {} +
mkdir "$home/.unfinished-$BACKUP_AT" 2>"$said" || complain "$unwritable"
made=$home/.unfinished-$BACKUP_AT

list() {
  hashes >"$made/$1"
}
# Everything here; where something is left out, by the names of all the rest, which one call must hold.
everything() {
  if [ "$SKIP" != ./lost+found ]; then
    tar -cf - .
  elif [ -z "$(find . -mindepth 1 -maxdepth 1 ! -name lost+found | head -n 1)" ]; then
    tar -cf - --no-recursion .
  else
    find . -mindepth 1 -maxdepth 1 ! -name lost+found -exec sh -c '
      mkdir "$0" || exit 1
      exec tar -cf - "$@"' "$made/packing" {} + && rmdir "$made/packing"
  fi
}
pack() {
  failed=$({ { everything || echo tar >&3; } | gzip >"$made/files.tar.gz" || echo gzip >&3; } 3>&1)
  [ -z "$failed" ]
}
finish() {
  modes -type d >"$made/folders.modes" &&
    modes -type f \( -perm -4000 -o -perm -2000 \) >"$made/files.modes" &&
    files=$(wc -l <"$made/files.sha256") &&
    bytes=$(find . -path "$SKIP" -prune -o -type f -exec stat -c %s {} + | awk '{ sum += $1 } END { printf "%.0f", sum }') &&
    packed=$(stat -c %s "$made/files.tar.gz") &&
    printf '{"format":1,"backup":%s,"files":%d,"bytes":%s,"archive_bytes":%s}\n' "$BACKUP_ABOUT" "$files" "$bytes" "$packed" >"$made/about.json" &&
    echo "$((files)) $bytes $packed" >/tmp/counted &&
    cd "$made" &&
    sha256sum files.tar.gz files.sha256 files.modes folders.modes about.json >archive.sha256 &&
    sync ./*
}

unread='Not every file could be read, so nothing was backed up.'
echo 'Reading every file.'
step list files.sha256 || complain "$unread"
echo "$(wc -l <"$made/files.sha256") files. Packing them."
step pack || complain 'The files could not be packed, so nothing was backed up.'
echo 'Reading every file once more, to see that none has changed meanwhile.'
step list after.sha256 || complain "$unread"
if ! cmp -s "$made/files.sha256" "$made/after.sha256"; then
  names=$(differences "$made/files.sha256" "$made/after.sha256")
  [ -z "$names" ] || stop "This changed while it was read, so nothing was backed up. Let what writes to it end first:$nl$names"
fi
rm "$made/after.sha256"
step finish || complain 'The backup could not be finished.'
[ ! -e "$whole" ] || stop 'A backup of this moment is there already. Back up once more.'
mv "$made" "$whole"
made=
read -r files bytes packed </tmp/counted
echo "$files files of $bytes bytes are in stowage-backups/$BACKUP_OF/$BACKUP_AT, packed into $packed bytes."
echo "$files $bytes $packed" >/dev/termination-log
