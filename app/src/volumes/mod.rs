//! Volumes: the list, one volume, a new one, and its end.

pub mod api;
pub mod checks;
pub mod table;

#[cfg(feature = "ssr")]
pub mod actions;
#[cfg(feature = "ssr")]
mod detail;
#[cfg(feature = "ssr")]
mod form;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod view;
