//! What if a volume should be made again, and may hold data? Then another one beside it is the safe way.

use crate::{paths, server, ui::icon, volumes::change::Whose};
use domain::volume::{Volume, VolumeForm};
use leptos::prelude::*;

/// Where the form for a new volume is, filled in from this one, under a free name.
fn another(volume: &Volume, class: &str) -> String {
    let own = server::caller().ok().and_then(|caller| caller.volumes_and_trash().ok()).unwrap_or_default();
    let class = Some(class).filter(|class| *class != "yes");
    paths::with_query(paths::NEW_VOLUME, &VolumeForm::like(volume, class).under_a_free_name(&own).pairs())
}

/// In place of the form, for what something has mounted.
pub fn another_like(volume: &Volume, class: &str) -> AnyView {
    let name = volume.name.clone();
    view! {
        {Whose::Mine.crumbs(volume, "Create again")}
        <div class="narrow">
            <div class="head"><h1>"Another volume like " {name.clone()}</h1></div>
            <section class="cause wait">
                {icon("info")}
                <div>
                    <h2>"It may hold data"</h2>
                    <p>"Its storage is there and something has mounted it. Whether it is empty cannot be known from outside, and the class of a volume cannot be changed. Create another one beside it, copy what you need with a task that mounts both, then delete " {name} "."</p>
                </div>
            </section>
            <div class="row">
                <a class="button" href=Whose::Mine.volume(volume)>"Back to the volume"</a>
                <a class="button first" href=another(volume, class)>"Create another like this"</a>
            </div>
        </div>
    }
    .into_any()
}

/// Above the form, for storage that nothing is known to have mounted.
pub fn not_known(volume: &Volume, class: &str) -> AnyView {
    view! {
        <section class="cause wait">
            {icon("warn")}
            <div>
                <h2>"That it is empty cannot be proven"</h2>
                <p>"Its storage is there. No task of this portal and no pod is known that mounted it, but pods of before, and those that were made by other means, leave nothing to see here. If you are not sure, create another one beside it."</p>
            </div>
            <div class="do"><a class="button" href=another(volume, class)>"Create another like this"</a></div>
        </section>
    }
    .into_any()
}
