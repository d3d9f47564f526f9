//! Does the crate keep its promises towards a real API server? Needs a running ground (`cargo run -p ground -- up`).

mod deleting;
#[cfg(test)]
mod interference;
mod making;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod ownership;
#[cfg(test)]
mod people;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod spoilt;
