//! API tokens: the list, a new one, and its end.

pub mod actions;
mod form;
pub mod pages;
