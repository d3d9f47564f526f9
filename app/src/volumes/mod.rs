//! Volumes: the list, one volume, a new one, what changes one, and its end.

pub mod checks;

#[cfg(feature = "ssr")]
pub mod actions;
#[cfg(feature = "ssr")]
pub mod adopt;
#[cfg(feature = "ssr")]
pub mod backup;
#[cfg(feature = "ssr")]
pub mod bulk;
#[cfg(feature = "ssr")]
pub mod change;
#[cfg(feature = "ssr")]
pub mod cleanup;
#[cfg(feature = "ssr")]
pub mod delete;
#[cfg(feature = "ssr")]
pub mod detail;
#[cfg(feature = "ssr")]
pub mod edit;
#[cfg(feature = "ssr")]
pub mod files;
#[cfg(feature = "ssr")]
pub mod filters;
#[cfg(feature = "ssr")]
mod form;
#[cfg(feature = "ssr")]
pub mod fullness;
#[cfg(feature = "ssr")]
pub mod grow;
#[cfg(feature = "ssr")]
pub mod handover;
#[cfg(feature = "ssr")]
pub mod list;
#[cfg(feature = "ssr")]
pub mod manifest;
#[cfg(feature = "ssr")]
pub mod new;
#[cfg(feature = "ssr")]
pub mod news;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod presets;
#[cfg(feature = "ssr")]
mod preview;
#[cfg(feature = "ssr")]
pub mod publish;
#[cfg(feature = "ssr")]
pub mod restore;
#[cfg(feature = "ssr")]
mod row;
#[cfg(feature = "ssr")]
pub mod transfer;
#[cfg(feature = "ssr")]
pub mod trash;
#[cfg(feature = "ssr")]
mod unreadable;
#[cfg(feature = "ssr")]
pub mod view;
