//! What is the address of a page? Every link is made here, so that renaming a page is one change.

#[cfg(feature = "ssr")]
use domain::volume::files::FilePath;

pub const HOME: &str = "/";
pub const VOLUMES: &str = "/volumes";
/// What the form for columns, rows per page and density posts to.
pub const VOLUMES_VIEW: &str = "/volumes/view";
pub const NEW_VOLUME: &str = "/volumes/new";
/// What programs post to.
pub const API_CREATE_VOLUME: &str = "/api/volumes/create";
/// The review of many volumes before they go.
pub const DELETE_VOLUMES: &str = "/volumes/delete";
/// What was deleted and can be restored.
pub const TRASH: &str = "/volumes/trash";
pub const ADMIN_TRASH: &str = "/admin/trash";
/// A new volume from a backup.
pub const RESTORE_BACKUP: &str = "/volumes/restore";
/// The filters that a person has named.
pub const FILTERS: &str = "/volumes/filters";
/// What the words mean.
pub const HELP: &str = "/help";
pub const TASKS: &str = "/tasks";
pub const NEW_TASK: &str = "/tasks/new";
pub const ADMIN_TASKS: &str = "/admin/tasks";
/// The reviews of many tasks before they end.
pub const STOP_TASKS: &str = "/tasks/stop";
pub const DELETE_TASKS: &str = "/tasks/delete";
pub const ADMIN_STOP_TASKS: &str = "/admin/tasks/stop";
pub const ADMIN_DELETE_TASKS: &str = "/admin/tasks/delete";
pub const API_TASKS: &str = "/api/tasks";
/// What a person has put in for their tasks to read.
pub const SECRETS: &str = "/secrets";
pub const NEW_SECRET: &str = "/secrets/new";
pub const API_SECRETS: &str = "/api/secrets";
pub const CLASSES: &str = "/classes";
pub const ADMIN_VOLUMES: &str = "/admin/volumes";
pub const ADMIN_VOLUMES_VIEW: &str = "/admin/volumes/view";
/// The same review for anybody's volumes.
pub const ADMIN_DELETE_VOLUMES: &str = "/admin/volumes/delete";
/// Claims that are nobody's.
pub const ADMIN_ADOPT: &str = "/admin/adopt";
/// The storage behind everybody's volumes.
pub const ADMIN_PVS: &str = "/admin/pvs";
/// Where to go and what to do, by what is typed.
pub const FIND: &str = "/find";
pub const ADMIN_AUDIT: &str = "/admin/audit";
/// Everybody's API tokens.
pub const ADMIN_TOKENS: &str = "/admin/tokens";
/// The page about the REST API.
pub const API: &str = "/api";
pub const OPENAPI: &str = "/api/openapi.json";
pub const API_VOLUMES: &str = "/api/volumes";
pub const API_SUBMIT_TASK: &str = "/api/tasks/submit";
pub const API_PREFLIGHT: &str = "/api/tasks/preflight";
/// How editors know a task file.
pub const API_TASK_SCHEMA: &str = "/api/tasks/schema.json";
/// Loaded on the page for a new task alone.
pub const EDITOR: &str = "/editor.js";
/// Loaded on the page of a shell alone, with how it looks.
pub const TERMINAL: &str = "/terminal.js";
pub const TERMINAL_STYLE: &str = "/terminal.css";
pub const TOKENS: &str = "/tokens";
pub const LOGIN: &str = "/auth/login";
pub const LOGOUT: &str = "/auth/logout";
/// The stream of revisions of one's own objects.
pub const LIVE: &str = "/live";
/// The stream for administrators: any change.
pub const LIVE_ALL: &str = "/live?scope=admin";

pub fn volume(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}")
}

pub fn delete_volume(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}/delete")
}

/// The form for another size.
pub fn grow_volume(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}/grow")
}

/// The deletion that leads on to a new volume like it: with this class, or `yes` for one that is chosen there.
pub fn delete_and_create_again(id: &impl std::fmt::Display, class: &str) -> String {
    with_query(&delete_volume(id), &[("again", class)])
}

/// What takes a volume out of the trash.
pub fn restore_volume(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}/restore")
}

/// The form that publishes a volume as read-only, or takes that back.
pub fn publish_volume(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}/publish")
}

/// The form that backs a volume up, and the backups of it.
pub fn back_up_volume(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}/backup")
}

/// The form for a new volume from the backup that this task has written.
pub fn restore_backup(task: &impl std::fmt::Display) -> String {
    format!("{RESTORE_BACKUP}?backup={task}")
}

pub fn edit_volume(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}/edit")
}

pub fn clean_up_volume(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}/cleanup")
}

/// A folder of a volume.
#[cfg(feature = "ssr")]
pub fn volume_files(id: &impl std::fmt::Display, path: &FilePath) -> String {
    at_path(id, "files", path)
}

/// A file of a volume.
#[cfg(feature = "ssr")]
pub fn volume_file(id: &impl std::fmt::Display, path: &FilePath) -> String {
    at_path(id, "file", path)
}

/// A folder of a volume, as one file.
#[cfg(feature = "ssr")]
pub fn volume_archive(id: &impl std::fmt::Display, path: &FilePath) -> String {
    at_path(id, "archive", path)
}

#[cfg(feature = "ssr")]
fn at_path(id: &impl std::fmt::Display, what: &str, path: &FilePath) -> String {
    format!("{VOLUMES}/{id}/{what}?path={}", path.encoded())
}

pub fn volume_yaml(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}/yaml")
}

pub fn admin_volume(id: &impl std::fmt::Display) -> String {
    format!("{ADMIN_VOLUMES}/{id}")
}

pub fn admin_delete_volume(id: &impl std::fmt::Display) -> String {
    format!("{ADMIN_VOLUMES}/{id}/delete")
}

pub fn admin_restore_volume(id: &impl std::fmt::Display) -> String {
    format!("{ADMIN_VOLUMES}/{id}/restore")
}

pub fn admin_transfer_volume(id: &impl std::fmt::Display) -> String {
    format!("{ADMIN_VOLUMES}/{id}/transfer")
}

pub fn admin_volume_yaml(id: &impl std::fmt::Display) -> String {
    format!("{ADMIN_VOLUMES}/{id}/yaml")
}

pub fn task(id: &impl std::fmt::Display) -> String {
    format!("{TASKS}/{id}")
}

pub fn stop_task(id: &impl std::fmt::Display) -> String {
    format!("{TASKS}/{id}/stop")
}

pub fn resume_task(id: &impl std::fmt::Display) -> String {
    format!("{TASKS}/{id}/resume")
}

pub fn delete_task(id: &impl std::fmt::Display) -> String {
    format!("{TASKS}/{id}/delete")
}

/// The form for a new task, with what was asked for with this one.
pub fn run_again(id: &impl std::fmt::Display) -> String {
    format!("{NEW_TASK}?again={id}")
}

/// The form for a new task, with this volume in it.
pub fn new_task_with(volume: &str) -> String {
    with_query(NEW_TASK, &[("volume", volume)])
}

pub fn admin_task(id: &impl std::fmt::Display) -> String {
    format!("{ADMIN_TASKS}/{id}")
}

pub fn admin_stop_task(id: &impl std::fmt::Display) -> String {
    format!("{ADMIN_TASKS}/{id}/stop")
}

pub fn admin_delete_task(id: &impl std::fmt::Display) -> String {
    format!("{ADMIN_TASKS}/{id}/delete")
}

/// The form for new values.
pub fn replace_secret(name: &impl std::fmt::Display) -> String {
    format!("{SECRETS}/{name}/replace")
}

pub fn delete_secret(name: &impl std::fmt::Display) -> String {
    format!("{SECRETS}/{name}/delete")
}

pub fn revoke_token(id: &impl std::fmt::Display) -> String {
    format!("{TOKENS}/{id}/revoke")
}

pub fn admin_revoke_token(id: &impl std::fmt::Display) -> String {
    format!("{ADMIN_TOKENS}/{id}/revoke")
}

/// An address with its query, percent-encoded. No `?` where there is none.
pub fn with_query(path: &str, pairs: &[(&str, impl AsRef<str>)]) -> String {
    let mut url = path.to_owned();
    for (index, (key, value)) in pairs.iter().enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        url.push_str(key);
        url.push('=');
        for byte in value.as_ref().bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b':' | b',') {
                url.push(char::from(byte));
            } else {
                url.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_value_cannot_leave_its_parameter() {
        assert_eq!(with_query("/x", &[("q", "a&b=c #é"), ("n", "1")]), "/x?q=a%26b%3Dc%20%23%C3%A9&n=1");
        assert_eq!(with_query("/x", &[] as &[(&str, &str)]), "/x");
    }
}
