//! Under which control group do the pods run? A ground's own: a kubelet clears away every pod below its root that it
//! does not know, so two grounds must not share one.
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::layout::Layout;

const ROOT: &str = "/sys/fs/cgroup";

/// One directory with the unified hierarchy; otherwise one for each controller.
fn hierarchies() -> Vec<PathBuf> {
    let root = PathBuf::from(ROOT);
    if root.join("cgroup.controllers").exists() {
        return vec![root];
    }
    let entries = std::fs::read_dir(&root).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.join("cgroup.procs").exists()).collect()
}

pub(crate) fn make(layout: &Layout) -> Result<()> {
    for hierarchy in hierarchies() {
        // Unified: children have only the controllers that their parent hands down. One that is absent is refused.
        if hierarchy.join("cgroup.controllers").exists() {
            for controller in ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"] {
                let _refused = std::fs::write(hierarchy.join("cgroup.subtree_control"), format!("+{controller}"));
            }
        }
        let path = hierarchy.join(layout.cgroup());
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        // Per controller: a new set has no processors and no memory until it is given some.
        for file in ["cpuset.cpus", "cpuset.mems"] {
            if hierarchy.join(file).exists() {
                std::fs::write(path.join(file), std::fs::read(hierarchy.join(file))?)?;
            }
        }
    }
    Ok(())
}

/// The ground's groups, children before parents.
fn groups(layout: &Layout) -> Vec<PathBuf> {
    fn collect(path: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                collect(&entry.path(), found);
            }
        }
        found.push(path.to_owned());
    }
    let mut found = Vec::new();
    for path in hierarchies().iter().map(|hierarchy| hierarchy.join(layout.cgroup())).filter(|path| path.exists()) {
        collect(&path, &mut found);
    }
    found
}

/// Everything that runs in the ground's pods.
pub(crate) fn processes(layout: &Layout) -> Vec<u32> {
    let lists = groups(layout).into_iter().filter_map(|group| std::fs::read_to_string(group.join("cgroup.procs")).ok());
    lists.flat_map(|list| list.lines().filter_map(|line| line.parse().ok()).collect::<Vec<u32>>()).collect()
}

pub(crate) fn remove(layout: &Layout) -> Result<()> {
    for group in groups(layout) {
        std::fs::remove_dir(&group).with_context(|| format!("cannot remove {}", group.display()))?;
    }
    Ok(())
}
