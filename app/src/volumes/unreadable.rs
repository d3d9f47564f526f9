//! Which claims carry the portal's labels and say what cannot be? For administrators, above the list of all volumes.

use crate::{paths, server, ui::icon};
use domain::volume::Unreadable;
use leptos::prelude::*;

/// Nothing where every claim can be read.
pub fn section() -> Option<AnyView> {
    // What cannot be read at all is said by the list below.
    let claims = server::caller().and_then(|caller| Ok(caller.admin()?.unreadable()?)).unwrap_or_default();
    let heading = match claims.len() {
        0 => return None,
        1 => "1 object that the portal cannot read".to_owned(),
        many => format!("{many} objects that the portal cannot read"),
    };
    let line = |Unreadable { id, claim, reasons }: Unreadable| {
        view! { <li><a class="mono" href=paths::admin_volume(&id)>{claim}</a> ": " {reasons.join("; ")} "."</li> }
    };
    Some(
        view! {
            <section class="cause wait" id="unreadable">
                {icon("warn")}
                <div>
                    <h2>{heading}</h2>
                    <p>"They carry the portal's labels and say what cannot be. The list has them as far as they can be read. Put them right with kubectl, or give them an owner again."</p>
                    <ul>{claims.into_iter().map(line).collect_view()}</ul>
                </div>
            </section>
        }
        .into_any(),
    )
}
