//! Tasks: the list, a new one, one task, its log, and its end.

pub mod actions;
mod again;
mod attached;
pub mod bulk;
pub mod chain;
mod detail;
pub mod draft;
pub mod end;
mod fields;
pub mod list;
pub mod log;
pub mod manifest;
mod mounts;
pub mod new;
pub mod news;
pub mod pages;
pub mod shell;
pub mod source;
pub mod submit;
mod verdict;
pub mod view;
mod words;
