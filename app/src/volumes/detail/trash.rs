//! What is said of a volume whose deletion can still be undone?

use crate::{
    ui::icon,
    volumes::{change::Whose, trash::restore},
};
use domain::volume::Volume;
use leptos::prelude::*;

/// When it goes, and the two ways out. Nothing for what is not in the trash, or already on its way.
pub fn notice(volume: &Volume, everybody: bool, now: i64) -> Option<AnyView> {
    let outlook = volume.trash_outlook(now).filter(|_| !volume.status.is_deleting())?;
    let whose = if everybody { Whose::Anybodys } else { Whose::Mine };
    Some(
        view! {
            <section class="cause wait" id="in-trash">
                {icon("leaving")}
                <div>
                    <h2>"This volume is in the trash"</h2>
                    <p>{outlook} " Until then nothing new mounts it, it keeps its name, and it counts against the quota."</p>
                </div>
                <div class="do row">
                    {restore(volume, whose)}
                    <a class="button danger" href=whose.delete(volume)>"Delete now"</a>
                </div>
            </section>
        }
        .into_any(),
    )
}
