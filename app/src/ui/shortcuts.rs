//! Which keys do what? The one list of them: shown by `?`, and what the browser acts by.

use crate::{pages::frame::Section, paths};
use leptos::prelude::*;

/// What a key does.
enum Does {
    /// Opens a page.
    Open(&'static str),
    /// Moves the focus to what this selector finds.
    Focus(&'static str),
    /// Acts on the rows of a list.
    Rows(&'static str),
    /// Presses what carries this id.
    Press(&'static str),
}

struct Shortcut {
    /// One key, or two that are pressed one after the other. `Ctrl` is also the command key.
    keys: &'static str,
    words: &'static str,
    does: Does,
}

const fn key(keys: &'static str, words: &'static str, does: Does) -> Shortcut {
    Shortcut { keys, words, does }
}

const ALL: [Shortcut; 12] = [
    key("Ctrl+K", "Go to, find or do", Does::Focus("#palette")),
    key("/", "Filter the list", Does::Focus("#filter")),
    key("?", "Show the keys", Does::Press("keys-button")),
    key(NEW, "New volume", Does::Open(paths::NEW_VOLUME)),
    key("j", "Next row", Does::Rows("next")),
    key("k", "Row before", Does::Rows("previous")),
    key("x", "Choose the row", Does::Rows("choose")),
    key("g h", "Go home", Does::Open(paths::HOME)),
    key("g v", "Go to the volumes", Does::Open(paths::VOLUMES)),
    key("g c", "Go to the classes", Does::Open(paths::CLASSES)),
    key("g t", "Go to the tasks", Does::Open(paths::TASKS)),
    key("g k", "Go to the API tokens", Does::Open(paths::TOKENS)),
];

/// What `n` makes: another of what the page is about.
const NEW: &str = "n";
const NEW_TASK: Shortcut = key(NEW, "New task", Does::Open(paths::NEW_TASK));

/// The sheet of keys, and the button that opens it; without scripts, too.
pub fn sheet(section: Section) -> impl IntoView {
    let here = |shortcut: &'static Shortcut| if section == Section::Tasks && shortcut.keys == NEW { &NEW_TASK } else { shortcut };
    view! {
        <button class="button plain" id="keys-button" popovertarget="keys" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)"><kbd aria-hidden="true">"?"</kbd></button>
        <section class="sheet card" id="keys" popover aria-label="Keyboard shortcuts">
            <header><h2>"Keyboard"</h2></header>
            <dl class="facts">{ALL.iter().map(|shortcut| row(here(shortcut))).collect_view()}</dl>
            <label class="check" data-for-scripts=""><input type="checkbox" id="keys-on" checked/> "Act on keys without Ctrl; kept in this browser"</label>
            <p><a href=paths::HELP>"What the words mean"</a></p>
        </section>
    }
}

fn row(shortcut: &'static Shortcut) -> impl IntoView {
    let Shortcut { keys, words, does } = shortcut;
    let caps = keys.split([' ', '+']).map(|cap| view! { <kbd>{cap}</kbd> " " }).collect_view();
    let bound = match does {
        Does::Open(href) => view! { <a href=*href data-key=*keys>{*words}</a> }.into_any(),
        Does::Focus(target) => view! { <span data-key=*keys data-does=*target>{*words}</span> }.into_any(),
        Does::Rows(what) => view! { <span data-key=*keys data-does=*what>{*words}</span> }.into_any(),
        Does::Press(id) => view! { <span data-key=*keys data-does=format!("click #{id}")>{*words}</span> }.into_any(),
    };
    view! { <dt>{caps}</dt> <dd>{bound}</dd> }
}
