//! The audit trail: every change is written down, and administrators read it.

pub mod actions;
pub mod pages;
