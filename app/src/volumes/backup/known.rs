//! Which backups are known of a volume, and how are they? Those whose task the cluster or the records still have.

use crate::{
    paths,
    ui::{icon, icon::tone},
};
use domain::{
    cause::Tone,
    task::Task,
    text,
    volume::{BackupState, KnownBackup, Volume, backups_of},
};
use leptos::prelude::*;

/// The table of them, newest first.
pub fn table(known: &[KnownBackup], own: &[Volume], task_days: u32) -> AnyView {
    if known.is_empty() {
        return view! { <p class="quiet">"No backup of it is known."</p> }.into_any();
    }
    let row = |known: &KnownBackup| {
        let backup = &known.backup;
        let on = own.iter().find(|volume| volume.claim == backup.to.as_str());
        let place = match on {
            Some(on) => view! { <a href=paths::volume(&on.id)>{on.name.clone()}</a> }.into_any(),
            None => {
                view! { <span class="mono">{backup.to.to_string()}</span> <span class="under">"is gone, and the backup with it"</span> }
                    .into_any()
            }
        };
        let (shape, tone_of, word) = match known.state {
            BackupState::Running => ("run", Tone::Wait, "Running"),
            BackupState::Whole(_) => ("ready", Tone::Good, "Whole"),
            BackupState::Failed => ("failed", Tone::Bad, "Failed"),
        };
        let size = match known.state {
            BackupState::Whole(Some(counted)) => view! {
                {counted.packed.rounded()} <span class="under">{files(counted.files)} ", " {counted.bytes.rounded()}</span>
            }
            .into_any(),
            BackupState::Whole(None) | BackupState::Running | BackupState::Failed => ().into_any(),
        };
        let restore = (known.is_whole() && on.is_some_and(|on| on.trash.is_none())).then(|| {
            view! { <a class="button small" href=paths::restore_backup(&known.task) aria-label=format!("Restore the backup of {}", text::date(backup.at))>"Restore"</a> }
        });
        view! {
            <tr role="row">
                <th scope="row" role="rowheader"><time datetime=text::machine_date(backup.at)>{text::date(backup.at)}</time></th>
                <td role="cell" class="wrap" data-label="On"><span>{place}</span></td>
                <td role="cell" data-label="State, task"><a href=paths::task(&known.task)><span class=format!("status {}", tone(tone_of))>{icon(shape)}{word}</span></a></td>
                <td role="cell" class="num" data-label="Archive, files"><span>{size}</span></td>
                <td role="cell">{restore}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Backups of this volume">
            <table class="labelled" role="table" aria-label="Backups of this volume">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"When"</th>
                        <th scope="col" role="columnheader">"On"</th>
                        <th scope="col" role="columnheader">"State, task"</th>
                        <th scope="col" role="columnheader" class="num">"Archive, files"</th>
                        <th scope="col" role="columnheader"><span class="unseen">"Restore"</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{known.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <p class="quiet small">
            "A backup is listed as long as its task is known: until its task is deleted, at most " {task_days} " days. Its files stay on their volume, where a task of yours can unpack them."
        </p>
    }
    .into_any()
}

fn files(number: u64) -> String {
    if number == 1 { "1 file".to_owned() } else { format!("{} files", crate::ui::number(usize::try_from(number).unwrap_or(usize::MAX))) }
}

/// What whoever deletes the volume should know: when its last whole backup was made, and where.
pub fn last_whole(volume: &Volume, tasks: &[Task], own: &[Volume], failed: bool) -> AnyView {
    let known = backups_of(&volume.id, tasks);
    let whole = known.iter().filter(|known| known.is_whole());
    let there =
        whole.filter_map(|known| Some((known, own.iter().find(|on| on.claim == known.backup.to.as_str() && on.trash.is_none())?))).next();
    match there {
        Some((known, on)) => {
            let place = on.name.clone();
            view! { {text::date(known.backup.at)} ", on " <a href=paths::volume(&on.id)>{place}</a> }.into_any()
        }
        None if failed => "cannot be told: the portal cannot read its records right now".into_any(),
        None => view! { "none is known. " <a href=paths::back_up_volume(&volume.id)>"Back up first"</a> }.into_any(),
    }
}
