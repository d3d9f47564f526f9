//! Secrets for tasks: the list, a new one, new values, and the end.

pub mod actions;
mod form;
pub mod pages;
