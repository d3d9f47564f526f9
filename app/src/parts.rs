//! How does a page follow the cluster? It names its stream and its revision to [`browser`](crate::browser), which reads it again when
//! it is no longer true, and shows here when it cannot.

use crate::{paths, server, ui::icon};
use domain::text;
use leptos::prelude::*;

/// Follows the page it stands on, by `stream` and from `revision` on. Shows nothing while all is well; once what it shows is gone,
/// it leads to `list`, or to the volumes.
#[component]
pub fn Follow(stream: String, revision: String, #[prop(optional)] list: Option<&'static str>) -> impl IntoView {
    let list = list.unwrap_or(if stream == paths::LIVE { paths::VOLUMES } else { paths::ADMIN_VOLUMES });
    let now = server::now();
    view! {
        <div data-stream=stream data-revision=revision>
            // The seconds are not read out.
            <p class="chip stale" data-stale="" role="status" hidden>
                {icon("warn")}
                <span>"reconnecting; what you see is from " <span aria-live="off"><span data-since=now.to_string()>{text::age(now, now)}</span> " ago"</span></span>
            </p>
            <section class="cause calm" data-gone="" role="status" hidden>
                {icon("leaving")}
                <div><h2>"This is gone"</h2><p>"It was removed, or it is no longer yours. What you see below is the last that was known. "<a href=list>"Back to the list"</a></p></div>
            </section>
        </div>
    }
}
