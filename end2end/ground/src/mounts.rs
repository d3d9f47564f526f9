//! What is mounted below a directory, and in which order does it come off?
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// `/proc/mounts` writes space, tab, newline and backslash as octal numbers.
fn unescape(field: &str) -> PathBuf {
    let mut text = String::new();
    let mut rest = field;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        match after.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                text.push(char::from(byte));
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                text.push('\\');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    PathBuf::from(text)
}

/// The mount points below `dirs` in the order in which they can be unmounted: deepest first, and of several on one
/// point as many entries as there are.
fn below(mounts: &str, dirs: &[PathBuf]) -> Vec<PathBuf> {
    let points = mounts.lines().filter_map(|line| line.split(' ').nth(1)).map(unescape);
    let mut found: Vec<PathBuf> = points.filter(|point| dirs.iter().any(|dir| point.starts_with(dir))).collect();
    found.sort_by_key(|point| std::cmp::Reverse(point.components().count()));
    found
}

fn current(dirs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    Ok(below(&std::fs::read_to_string("/proc/mounts").context("cannot read /proc/mounts")?, dirs))
}

fn unmount(point: &Path, lazy: bool) -> bool {
    let mut command = Command::new("umount");
    if lazy {
        command.arg("--lazy");
    }
    command.arg(point).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Unmounts everything below `dirs`, or fails: whoever removes the directories next must not reach through a mount.
pub(crate) fn clear(dirs: &[PathBuf]) -> Result<()> {
    for point in current(dirs)? {
        if !unmount(&point, false) {
            unmount(&point, true);
        }
    }
    match current(dirs)?.first() {
        None => Ok(()),
        Some(point) => bail!("{} is still mounted and cannot be unmounted", point.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_comes_off_first_and_neighbours_stay() {
        let mounts = "\
            tmpfs /g/run/kubelet tmpfs rw 0 0\n\
            tmpfs /g/run/kubelet/pods/1/volumes/a tmpfs rw 0 0\n\
            tmpfs /g2/run tmpfs rw 0 0\n\
            /dev/vda / ext4 rw 0 0\n\
            overlay /g/run/c/x overlay rw 0 0\n\
            overlay /g/run/c/x overlay rw 0 0\n";
        let found = below(mounts, &[PathBuf::from("/g")]);
        let names: Vec<_> = found.iter().map(|point| point.to_str().unwrap()).collect();
        assert_eq!(names, ["/g/run/kubelet/pods/1/volumes/a", "/g/run/c/x", "/g/run/c/x", "/g/run/kubelet"]);
    }

    #[test]
    fn a_space_in_a_name_is_read() {
        assert_eq!(unescape(r"/a\040b\134c"), PathBuf::from(r"/a b\c"));
        assert_eq!(unescape(r"/a\q"), PathBuf::from(r"/a\q"));
    }
}
