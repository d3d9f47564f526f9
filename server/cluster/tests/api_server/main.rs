//! Does the crate keep its promises towards a real API server? Needs a running ground (`cargo run -p ground -- up`).

#[cfg(test)]
mod attached;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod causes;
#[cfg(test)]
mod cleaning;
mod deleting;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod growing;
#[cfg(test)]
mod handover;
#[cfg(test)]
mod inside;
#[cfg(test)]
mod interference;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod lost_answers;
mod making;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod ownership;
#[cfg(test)]
mod people;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod publishing;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod spoilt;
#[cfg(test)]
mod tasks;
#[cfg(test)]
mod trash;
#[cfg(test)]
mod unreadable;
#[cfg(test)]
mod usage;
