//! What does a page do in the browser? It follows the cluster, turns pages in place, knows the keyboard. It draws nothing.
//!
//! All markup comes from the server, once: what changed is read again from the page's own address and put in its place. Views in
//! the browser were tried first: the same table and pages as islands with views took the download to 188 KB, and every fact was
//! rendered by two programs. An island without a view was tried next: it brings leptos' runtime along. What is left needs none of
//! it; `end2end/budget.mjs` says what it weighs. Splitting the bundle (`cargo leptos build --split`) makes it 0.7 KB larger: what one page
//! alone needs is a file of its own already (`public/log.js`, the editor of task files).

mod clock;
mod copy;
pub(crate) mod dom;
mod follow;
mod keys;
mod morph;
mod once;
mod palette;
pub(crate) mod read;
mod rows;
mod task;
mod turn;

use leptos::prelude::document;

/// Brings a page to life. Each part looks for its own markup and does nothing where there is none.
pub fn start() {
    // What only scripts can do is shown from here on.
    if let Some(page) = document().document_element() {
        let _ = page.set_attribute("data-scripts", "");
    }
    clock::start();
    copy::start();
    follow::start();
    turn::start();
    once::start();
    rows::start();
    keys::start();
    palette::start();
    crate::volumes::checks::start();
    task::start();
}
