//! What is the volume for? Links that fill in the form; each is an address that can be shared.

use crate::paths;
use domain::volume::Preset;
use leptos::prelude::*;

/// `current` is what the form is filled in with.
pub fn links(current: Option<Preset>) -> impl IntoView {
    let link = move |preset: Preset| {
        let current = (Some(preset) == current).then_some("true");
        view! { <a class="chip" href=paths::with_query(paths::NEW_VOLUME, &[("preset", preset.slug())]) aria-current=current>{preset.label()}</a> }
    };
    let in_set = |preset: &Preset| Preset::SET.contains(preset);
    view! {
        <nav class="presets" aria-label="Fill in for a purpose">
            <p>"One volume for each kind of data:" {Preset::SET.map(|preset| view! { " " {link(preset)} })}</p>
            <p>"Or:" {Preset::ALL.into_iter().filter(|preset| !in_set(preset)).map(|preset| view! { " " {link(preset)} }).collect_view()}</p>
        </nav>
    }
}
