//! Does the portal keep its promises about sign-in, sessions and headers? Asked over HTTP, with the ground's real provider and cluster.

mod again;
mod api;
mod attached;
mod audit;
mod authorization;
#[cfg(test)]
mod backup;
mod changes;
mod classes;
#[cfg(test)]
mod faults;
mod files;
mod forged;
mod guards;
#[cfg(test)]
mod history;
mod id_tokens;
mod issuer;
mod kept;
#[cfg(test)]
mod killed;
mod labels;
mod limits;
mod live;
mod login;
mod logs;
mod many_tasks;
mod misbehaviour;
mod new_task;
mod new_volume;
mod outages;
mod portal;
#[cfg(test)]
mod process;
mod promises;
mod publish;
mod replicas;
#[cfg(test)]
mod runs;
mod secrets;
mod sessions;
#[cfg(test)]
mod shell;
mod sign_out;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod storms;
mod task_log;
mod tasks;
mod tokens;
mod trash;
mod trial;
mod usage;
mod view;
mod visitor;
mod volumes;
mod wire;
