//! Does the portal keep its promises about sign-in, sessions and headers? Asked over HTTP, with the ground's real provider and cluster.

mod authorization;
mod guards;
mod live;
mod login;
mod misbehaviour;
mod outages;
mod portal;
mod sessions;
mod sign_out;
mod visitor;
mod volumes;
