//! Does what is to be run again still run? Two runs at once may write to the same place.

use crate::{paths, ui::icon};
use domain::task::Task;
use leptos::prelude::*;

/// What is said over the form while the earlier run is not over, with the way to end it.
pub fn earlier_runs(task: &Task) -> Option<AnyView> {
    if task.state.is_over() {
        return None;
    }
    let stays = if task.mounts.is_empty() { "" } else { " Both would write to the same volumes at the same time." };
    Some(
        view! {
            <section class="cause wait" id="earlier">
                {icon("warn")}
                <div>
                    <h2><a href=paths::task(&task.id)>{task.name.clone()}</a> " is not over yet"</h2>
                    <p>"The new run gets a Job of its own, so neither is in the other’s way in the cluster." {stays} " Wait until it has ended, or stop it first."</p>
                </div>
                <form class="do" method="post" action=paths::stop_task(&task.id)>
                    <input type="hidden" name="uid" value=task.uid.clone()/>
                    <button class="button danger">"Stop it"</button>
                </form>
            </section>
        }
        .into_any(),
    )
}
