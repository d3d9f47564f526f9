//! Which small parts do all pages share? They know no feature and call no server function.

pub mod icon;
pub mod time;

pub use icon::icon;
