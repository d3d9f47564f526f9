//! How does a text get to where it is needed? By a button that copies it; without scripts it is not there.

use leptos::prelude::*;

#[component]
pub fn CopyButton(text: String) -> impl IntoView {
    view! { <button type="button" class="button small" data-copy=text aria-live="polite">"Copy"</button> }
}
