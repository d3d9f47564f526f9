//! Which loop devices show a file below a directory, and how do they go away?
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Each device with the file behind it.
fn all() -> impl Iterator<Item = (PathBuf, PathBuf)> {
    std::fs::read_dir("/sys/block").into_iter().flatten().flatten().filter_map(|entry| {
        let file = std::fs::read_to_string(entry.path().join("loop/backing_file")).ok()?;
        Some((Path::new("/dev").join(entry.file_name()), PathBuf::from(file.trim_end_matches('\n'))))
    })
}

fn below(devices: impl Iterator<Item = (PathBuf, PathBuf)>, dir: &Path) -> Vec<PathBuf> {
    devices.filter(|(_, file)| file.starts_with(dir)).map(|(device, _)| device).collect()
}

/// Asks the system to let go of them, and says which it has not let go of yet.
pub(crate) fn detach(dir: &Path) -> Vec<PathBuf> {
    for device in below(all(), dir) {
        // Refused only if it has gone by itself meanwhile, as it does once it is not mounted any more.
        let _gone_already = Command::new("losetup").arg("--detach").arg(device).stderr(Stdio::null()).status();
    }
    below(all(), dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_devices_of_this_directory_are_meant() {
        let device = |number: u8, file: &str| (PathBuf::from(format!("/dev/loop{number}")), PathBuf::from(file));
        let all = [device(0, "/g/data/disks/a.disk"), device(1, "/g2/data/disks/a.disk"), device(2, "/g/data/disks/b.disk (deleted)")];
        assert_eq!(below(all.into_iter(), Path::new("/g/data")), [PathBuf::from("/dev/loop0"), PathBuf::from("/dev/loop2")]);
    }

    #[test]
    fn what_a_dead_run_left_attached_is_let_go_of() {
        if !crate::packages::is_root() {
            return;
        }
        let dir = std::env::temp_dir().join(format!("ground-loops-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("disk"), [0; 4096]).unwrap();
        let attached = Command::new("losetup").arg("--find").arg(dir.join("disk")).status().unwrap();
        assert!(attached.success());
        assert_eq!(below(all(), &dir).len(), 1);
        detach(&dir);
        assert_eq!(below(all(), &dir).len(), 0);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
