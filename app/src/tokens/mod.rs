//! API tokens: the list, a new one, and its end; for administrators everybody's.

pub mod actions;
pub mod everybodys;
mod form;
pub mod pages;
