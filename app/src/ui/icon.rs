//! How is a silhouette drawn? From one sprite, in the colour of the text around it; always beside a word.

#[cfg(feature = "ssr")]
use domain::cause::Tone;
use leptos::prelude::*;

/// Where a silhouette is. The number grows when the sprite changes, since browsers keep it for long.
pub fn href(name: &str) -> String {
    format!("/icons.svg?3#{name}")
}

pub fn icon(name: &'static str) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true"><use href=href(name)></use></svg> }
}

/// The class that gives a status its colour.
#[cfg(feature = "ssr")]
pub fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Wait => "wait",
        Tone::Calm => "calm",
        Tone::Bad => "bad",
    }
}
