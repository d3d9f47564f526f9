//! Was this socket asked for by the portal's own page? By a ticket: for one session and one pod, for half a minute, once.
//!
//! Sealed with a key of the records, so that any replica takes what another gave. That it was used is known to the replica that took
//! it: at another one it is good for the rest of its time, in the same session and for the same pod.

use data_encoding::BASE64URL_NOPAD;
use ring::hmac::{self, HMAC_SHA256, Key};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

const SECONDS: i64 = 30;
/// Its end in seconds since 1970, and what makes it one of its kind.
const HEAD: usize = 8 + 16;

pub(super) struct Tickets {
    key: Key,
    /// Those that were used, with their ends.
    used: Mutex<HashMap<[u8; HEAD], i64>>,
}

impl Tickets {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self { key: Key::new(HMAC_SHA256, key), used: Mutex::default() }
    }

    pub(super) fn issue(&self, about: &str) -> String {
        self.issue_at(about, now())
    }

    /// Whether it is good for this; it is not good a second time.
    pub(super) fn redeem(&self, ticket: &str, about: &str) -> bool {
        self.redeem_at(ticket, about, now())
    }

    fn issue_at(&self, about: &str, now: i64) -> String {
        let random: [u8; 16] = rand::random();
        let mut ticket = [now.saturating_add(SECONDS).to_be_bytes().as_slice(), &random].concat();
        let seal = hmac::sign(&self.key, &sealed(&ticket, about));
        ticket.extend_from_slice(seal.as_ref());
        BASE64URL_NOPAD.encode(&ticket)
    }

    fn redeem_at(&self, ticket: &str, about: &str, now: i64) -> bool {
        let Ok(bytes) = BASE64URL_NOPAD.decode(ticket.as_bytes()) else { return false };
        let Some((head, seal)) = bytes.split_first_chunk::<HEAD>() else { return false };
        let Some(until) = head.first_chunk().map(|until| i64::from_be_bytes(*until)) else { return false };
        if until <= now || hmac::verify(&self.key, &sealed(head, about), seal).is_err() {
            return false;
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, until| *until > now);
        used.insert(*head, until).is_none()
    }
}

fn sealed(head: &[u8], about: &str) -> Vec<u8> {
    [head, about.as_bytes()].concat()
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_in_time_for_its_session_and_pod() {
        let tickets = Tickets::new(&[7; 32]);
        let ticket = tickets.issue_at("session task 0", 100);
        assert!(!tickets.redeem_at(&ticket, "another task 0", 100));
        assert!(!tickets.redeem_at(&ticket, "session task 1", 100));
        assert!(!tickets.redeem_at(&ticket, "session task 0", 130), "too late");
        assert!(!Tickets::new(&[8; 32]).redeem_at(&ticket, "session task 0", 100), "of another portal");
        for bad in ["", "AAAA", "not base64!", &ticket[..ticket.len() - 2], &format!("BAAA{}", &ticket[4..])] {
            assert!(!tickets.redeem_at(bad, "session task 0", 100), "{bad}");
        }
        assert!(tickets.redeem_at(&ticket, "session task 0", 129));
        assert!(!tickets.redeem_at(&ticket, "session task 0", 129), "once");
        assert!(tickets.redeem_at(&tickets.issue_at("session task 0", 200), "session task 0", 200));
        assert_eq!(tickets.used.lock().unwrap().len(), 1, "those whose time is over are forgotten");
    }
}
