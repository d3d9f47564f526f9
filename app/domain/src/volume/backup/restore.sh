FULL='The new volume is too small for what is in the backup, so nothing was restored. Delete it, and restore into a larger one.'
from=/source/stowage-backups/$BACKUP_OF/$BACKUP_AT

cd "$from" 2>/dev/null || stop 'The backup is not on its volume any more, so nothing was restored.'
cd /target
names=$(find . -mindepth 1 -maxdepth 1 ! \( -name lost+found -user 0 \) | head -n 1)
[ -z "$names" ] || stop 'The volume to restore into is not empty, so nothing was restored.'
mkdir .stowage-restore
made=/target/.stowage-restore

sound() {
  cd "$from" && sha256sum -c archive.sha256 >/tmp/sound
}

# Calls $2 with each name of a list that does not fit on a line, with its mode in $mode.
odd_names() {
  sed -n 's/^\\//p' "$from/$1" | while IFS= read -r line; do
    mode=${line%% *}
    name=$(printf '%b.' "${line#* }")
    "$2" "${name%.}" || exit 1
  done
}
folder() {
  mkdir -p "$1"
}
mode() {
  chmod "00$mode" "$1"
}
# Into folders that can be written to: their own modes come last of all, for not every tar waits with them.
unpack() {
  umask 0
  sed -n 's/^[0-7][0-7]* //p' "$from/folders.modes" | tr '\n' '\000' | xargs -0 -r mkdir -p && odd_names folders.modes folder || return 1
  failed=$({ { gzip -dc "$from/files.tar.gz" || echo gzip >&3; } | tar -x -o --no-same-permissions -f - || echo tar >&3; } 3>&1)
  [ -z "$failed" ] && find . -type d ! -perm -0700 -exec chmod u+rwx {} +
}
list() {
  hashes >/tmp/restored
}
up() {
  find . -mindepth 1 -maxdepth 1 -exec sh -c '
    for file; do
      if [ "$file" = ./lost+found ] && [ -d ../lost+found ]; then rmdir "$file" && continue; fi
      mv "$file" .. || exit 1
    done' sh {} +
}
chmods() {
  for list in files.modes folders.modes; do
    for mode in $(sed -n 's/^\([0-7][0-7]*\) .*/\1/p' "$from/$list" | sort -u); do
      sed -n "s/^$mode //p" "$from/$list" | grep -v -x ./lost+found | tr '\n' '\000' | xargs -0 -r chmod "00$mode" || return 1
    done
    odd_names "$list" mode || return 1
  done
}

echo 'Checking the archive.'
if ! step sound; then
  names=$(sed -n 's/: FAILED.*//p' /tmp/sound)
  complain "The backup is not as it was written, so nothing was restored.${names:+ Damaged or gone:$nl$names}"
fi
cd "$made"
echo 'Unpacking it.'
step unpack || complain 'The archive could not be unpacked, so nothing was restored.'
echo 'Reading every file, to see that it is as it was.'
step list || complain 'Not every file that was restored could be read.'
names=$(differences "$from/files.sha256" /tmp/restored)
[ -z "$names" ] || stop "This is not as it was when it was backed up, so nothing was restored:$nl$names"
step up || complain 'Not everything could be put in its place. Delete the new volume, and restore once more.'
cd /target
rmdir .stowage-restore
made=
step chmods || complain 'The files are there, but not every folder has its mode.'
echo "$(wc -l </tmp/restored) files are restored, and each is as it was."
