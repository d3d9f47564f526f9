//! A CSI driver for the test ground: each volume is a file on this node, mounted as a disk, so that its size, growth
//! and fullness are real.
//!
//! What it is asked it answers on one socket, to the kubelet as well as to the provisioner and the resizer.
mod capacity;
mod controller;
mod identity;
mod limits;
mod messages;
mod mount;
mod node;
mod service;
mod volume;

pub use identity::DRIVER;
pub use service::serve;
