//! How often may one person ask? Calls, form posts and previews are counted per person, sign-ins per address, each in a budget that refills.

use crate::auth::wants_page;
use crate::config::Config;
use crate::{pages, problem, programs};
use app::paths;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use cluster::User;
use domain::owner::OwnerKey;
use domain::problem::{Code, Problem};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

const SIGN_IN: [&str; 2] = ["/auth/login", "/auth/callback"];
/// With more keys than this, those whose budget is full again are forgotten.
const KEYS: usize = 10_000;

#[derive(Clone)]
pub struct Limits(Arc<Budgets>);

struct Budgets {
    people: Budget<OwnerKey>,
    addresses: Budget<IpAddr>,
    /// How many proxies of ours stand before the portal.
    proxies: usize,
}

impl Limits {
    pub fn new(config: &Config) -> Self {
        Self(Arc::new(Budgets {
            people: Budget::new(config.limits.calls_per_minute),
            addresses: Budget::new(config.limits.sign_ins_per_minute),
            proxies: config.listen.proxies,
        }))
    }
}

/// So many a minute for each key, all at once or spread.
struct Budget<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>, NonZeroU32);

impl<K: Hash + Eq + Clone> Budget<K> {
    fn new(per_minute: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(per_minute)), per_minute)
    }

    /// Takes one from the budget, or answers when there will be one again.
    fn take(&self, key: &K) -> Result<(), Duration> {
        if self.0.len() > KEYS {
            self.0.retain_recent();
        }
        self.0.check_key(key).map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}

/// Stands where the person is known already.
pub async fn guard(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let (budgets, path) = (&limits.0, request.uri().path());
    let person = request.extensions().get::<User>();
    // What asks the cluster to try something is as much work as doing it.
    let tries =
        request.uri().query().is_some_and(|query| path == paths::NEW_VOLUME && query.split('&').any(|pair| pair.starts_with("try=")));
    let changes = *request.method() == Method::POST || tries;
    let taken = match person {
        Some(user) if programs::is_api(path) || changes => budgets.people.take(user.key()).map_err(|wait| (wait, budgets.people.1)),
        None if SIGN_IN.contains(&path) => match address(&request, budgets.proxies) {
            Some(address) => budgets.addresses.take(&address).map_err(|wait| (wait, budgets.addresses.1)),
            None => Ok(()),
        },
        Some(_) | None => Ok(()),
    };
    match taken {
        Ok(()) => next.run(request).await,
        Err((wait, most)) => refuse(request.headers(), wait, most),
    }
}

fn refuse(headers: &HeaderMap, wait: Duration, most: NonZeroU32) -> Response {
    let seconds = wait.as_secs() + 1;
    let sentence = format!("That was more than {most} requests in a minute, so nothing was done. Try again in {seconds} s.");
    let mut response = if wants_page(headers) {
        pages::message(StatusCode::TOO_MANY_REQUESTS, "Too many requests", &sentence, Some(("/", "Go to the front page")))
    } else {
        problem::answer(Problem::new(Code::RateLimited, sentence))
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Whose machine this comes from. Proxies of ours append the address that they saw, so the last entries are true and the rest is
/// whatever somebody wrote.
fn address(request: &Request, proxies: usize) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    if proxies == 0 {
        return peer;
    }
    let lines = request.headers().get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let seen: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    seen.len().checked_sub(proxies).and_then(|place| seen.get(place)).and_then(|address| address.parse().ok()).or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn a_budget_is_each_keys_own_and_says_when_it_refills() {
        let budget = Budget::new(NonZeroU32::new(3).unwrap());
        for _ in 0..3 {
            assert_eq!(budget.take(&"a"), Ok(()));
        }
        let wait = budget.take(&"a").unwrap_err();
        assert!(wait > Duration::from_secs(15) && wait <= Duration::from_secs(20), "{wait:?}");
        assert_eq!(budget.take(&"b"), Ok(()));
    }

    #[test]
    fn only_our_own_proxies_are_believed_about_addresses() {
        let from = |forwarded: &[&str], proxies| {
            let mut request = Request::new(Body::empty());
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 1))));
            for line in forwarded {
                request.headers_mut().append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
            }
            address(&request, proxies).unwrap().to_string()
        };
        assert_eq!(from(&["1.1.1.1"], 0), "10.0.0.1", "without a proxy nobody is believed");
        assert_eq!(from(&["6.6.6.6, 1.1.1.1"], 1), "1.1.1.1", "what a visitor wrote stands before");
        assert_eq!(from(&["6.6.6.6", "1.1.1.1, 2.2.2.2"], 2), "1.1.1.1");
        assert_eq!(from(&[], 1), "10.0.0.1");
        assert_eq!(from(&["nonsense"], 1), "10.0.0.1");
    }
}
