//! What does a person see? Pages, rendered on the server, and what they do in the browser.
//!
//! Pages are rendered on the server only (`ssr`); [`browser`] runs in the browser (`hydrate`). One noun, one folder.

#![recursion_limit = "256"] // the types of views nest as deep as the pages

pub mod browser;
pub mod paths;
mod request;
pub mod ui;
pub mod volumes;

#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod limits;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod parts;
#[cfg(feature = "ssr")]
pub mod persistent_volumes;
#[cfg(feature = "ssr")]
pub mod secrets;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod storage_classes;
#[cfg(feature = "ssr")]
pub mod tasks;
#[cfg(feature = "ssr")]
pub mod tokens;

/// Where the browser starts.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    browser::start();
}
