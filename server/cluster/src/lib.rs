//! What does the cluster hold, and who may change it? The only code that speaks Kubernetes.
//!
//! Who may do what is a question of types:
//!
//! | Type | Comes from | Can |
//! |---|---|---|
//! | [`Cluster`] | [`Cluster::connect`] | nothing with objects; say how it stands with the cluster |
//! | [`User`] | the sign-in, and nowhere else | be somebody |
//! | [`UserCluster`] | [`Cluster::as_user`] | read what this person owns, create in their name |
//! | [`Owned`] | [`UserCluster::owned_volume`], which has proven it on the live object | be changed or deleted |
//! | [`OwnedTask`] | [`UserCluster::owned_task`], the same for tasks | be stopped, resumed or deleted |
//! | [`Keeper`] | [`Cluster::keeper`], for the record of tasks | read what tasks leave behind, each with its owner |
//! | [`Sweeper`] | [`Cluster::sweeper`], for the portal itself | delete what is in the trash and due, nothing else |
//! | [`AdminCluster`] | [`UserCluster::admin`], if the person holds the role | read what everybody owns, take it as [`Owned`], give it an owner |
//!
//! Reads come from the rows of one watch per kind (`watch`); writes act on the live object and wait until the rows
//! show them (`act`, `volumes`, `tasks`). Kubernetes' words become ours in `claim`, `jobs`, `pods`, `events`, `storage_classes` and `quotas`;
//! its refusals in `classify`. A shell in a running task is `exec`'s; Secrets are written and never read (`secrets`). How full volumes
//! are, nodes are asked for (`usage`); what is in one, a pod beside it (`files`).

mod act;
mod claim;
mod classify;
mod clock;
mod connect;
mod draft;
mod error;
mod events;
mod everybody;
mod exec;
mod files;
mod history;
mod job;
mod jobs;
mod labels;
mod limits;
mod nodes;
mod object;
mod persistent_volumes;
mod pods;
mod quotas;
mod rights;
mod scope;
mod secrets;
mod storage_classes;
mod tasks;
mod unreadable;
mod usage;
mod volumes;
mod watch;
mod word;

pub use connect::Options;
pub use error::{Error, Right};
pub use everybody::Everybody;
pub use exec::{Shell, Sizes, shell_pod};
pub use files::{ByteStream, FileRead};
pub use history::{Keeper, Standing};
pub use job::PodSettings;
pub use scope::{AdminCluster, Cluster, User, UserCluster, VolumeDetail};
pub use tasks::{LogAsk, LogStream, OwnedTask, TaskDetail};
pub use usage::Measured;
pub use volumes::{Change, Cleanup, Due, Handed, Mode, Owned, Sweeper, yaml};
pub use watch::{
    health::{Health, WatchHealth},
    revision::Revision,
};
