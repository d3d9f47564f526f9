//! What does a person see? Pages, islands and the server functions that both read through.
//!
//! Pages are rendered on the server only (`ssr`); islands also run in the browser (`hydrate`). One noun, one folder.

#![recursion_limit = "256"] // the types of views nest as deep as the pages

pub mod error;
pub mod live;
pub mod parts;
pub mod paths;
pub mod request;
pub mod ui;
pub mod volumes;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod storage_classes;

/// Where the browser starts: it brings the islands of the page to life.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
