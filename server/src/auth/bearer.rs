//! Who calls `/api/`? The person of the token; for reading from the portal's own pages also whoever is signed in.

use super::session;
use super::{Auth, cookie, layer, now};
use crate::problem;
use axum::extract::Request;
use axum::response::Response;
use cluster::User;
use domain::problem::{Code, Problem};
use domain::token::{Scope, Secret, Standing, Token};
use http::{HeaderMap, HeaderValue, Method, header};
use tower_sessions::Session;

/// Puts the caller into the request, or says why nobody is let in.
pub async fn admit(auth: &Auth, session: &Session, request: &mut Request) -> Result<(), Response> {
    let headers = request.headers();
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let has_cookie = cookie::value(headers, &auth.cookies.session()).is_some();
    match (lines.next(), lines.next()) {
        (Some(line), None) if !has_cookie => {
            let secret = bearer(line).ok_or_else(|| wrong(auth))?;
            let Holder { user, token, role_rests } = by_token(auth, &secret).await?;
            request.extensions_mut().insert::<User>(user);
            request.extensions_mut().insert::<Token>(token);
            if role_rests {
                request.extensions_mut().insert(RoleRests);
            }
        }
        (None, _) if has_cookie && reads_from_here(request.method(), headers) => {
            let person = session::person(session, auth.issuer()).await.map_err(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, "the session store cannot be read");
                problem::answer(layer::store_unavailable())
            })?;
            request.extensions_mut().insert::<User>(person.ok_or_else(|| missing(auth))?.user());
        }
        (None, _) => return Err(missing(auth)),
        // Two of them may be two people's.
        (Some(_), _) => {
            let sentence = "Send one Authorization header, and no session cookie beside it, so that it is clear who calls.";
            return Err(problem::answer(Problem::new(Code::Malformed, sentence)));
        }
    }
    Ok(())
}

/// Marks a request whose token would have the administrators' role, had its person signed in lately.
#[derive(Clone, Copy, Debug)]
pub struct RoleRests;

struct Holder {
    user: User,
    token: Token,
    role_rests: bool,
}

/// A token is at most what its person was at their last sign-in, as long as that counts, and an administrator's only if it says so.
async fn by_token(auth: &Auth, secret: &Secret) -> Result<Holder, Response> {
    let found = auth.tokens.bearer(secret).await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "tokens cannot be looked up");
        let sentence = "The portal cannot look up tokens right now. Yours still works; try again in a moment.";
        problem::answer(Problem::new(Code::SessionStoreUnavailable, sentence))
    })?;
    // Of a person of another provider: this portal was set up for another one since.
    let found = found.filter(|bearer| bearer.person.principal.issuer() == auth.issuer());
    let records::Bearer { token, person } = found.ok_or_else(|| wrong(auth))?;
    let standing = auth.sign_in_counts.standing(person.seen, now());
    if standing == Standing::Asleep {
        return Err(asleep(auth));
    }
    let would_be_admin = person.admin && token.may(Scope::Admin);
    let role_rests = would_be_admin && standing != Standing::Whole;
    let user = User::from_session(person.principal, person.username, person.name, would_be_admin && !role_rests).in_groups(person.groups);
    Ok(Holder { user, token, role_rests })
}

/// `Bearer` in any case, one space, one token (RFC 6750, section 2.1).
fn bearer(line: &HeaderValue) -> Option<Secret> {
    let (scheme, secret) = line.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.parse().ok()).flatten()
}

/// What the browser itself says, which pages cannot forge: the portal's own page, or the address bar.
fn reads_from_here(method: &Method, headers: &HeaderMap) -> bool {
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    is_read && headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin" || site == "none")
}

fn missing(auth: &Auth) -> Response {
    let sentence =
        format!("Send a token with each call: Authorization: Bearer stw_... Make one at {}.", auth.public_url.at(app::paths::TOKENS));
    refuse(sentence, "Bearer realm=\"Stowage\"")
}

/// The same for whatever is wrong with it: mistyped, revoked, expired, another portal's.
fn wrong(auth: &Auth) -> Response {
    let sentence = format!(
        "This token does not work: it is mistyped, was revoked or has expired. See yours at {}.",
        auth.public_url.at(app::paths::TOKENS)
    );
    refuse(sentence, "Bearer realm=\"Stowage\", error=\"invalid_token\"")
}

/// Whoever has the secret may know what is to be done about it.
fn asleep(auth: &Auth) -> Response {
    let days = auth.sign_in_counts.at_all / 86_400;
    let sentence = format!(
        "This token rests: the person whose it is has not signed in for {days} days. Sign in again in the portal, at {}; then it works as before.",
        auth.public_url.origin()
    );
    refuse(sentence, "Bearer realm=\"Stowage\", error=\"invalid_token\"")
}

fn refuse(sentence: String, challenge: &'static str) -> Response {
    let mut response = problem::answer(Problem::new(Code::Unauthenticated, sentence));
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c1_005_a_token_stands_after_one_word_and_one_space() {
        let secret = Secret::from_random(&[7; 32]);
        let read = |line: String| bearer(&HeaderValue::from_str(&line).unwrap());
        let text = secret.reveal();
        for good in [format!("Bearer {text}"), format!("bearer {text}")] {
            assert_eq!(read(good), Some(secret.clone()));
        }
        for bad in [
            String::new(),
            "Bearer".into(),
            "Bearer ".into(),
            "Bearer nothing".into(),
            format!("Bearer  {text}"),
            format!("bearer\t{text}"),
            format!("Basic {text}"),
            format!("Bearer {text} "),
            format!("Bearer {text}, Bearer {text}"),
            format!("Bearer {}", &text[4..]),
            text.to_owned(),
            format!("Bearer {}", "x".repeat(100_000)),
        ] {
            assert_eq!(read(bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn a_cookie_reads_only_what_the_browser_says_comes_from_here() {
        let headers = |site: Option<&str>| {
            site.map(|site| ("sec-fetch-site", site)).into_iter().fold(HeaderMap::new(), |mut map, (name, value)| {
                map.insert(name, HeaderValue::from_str(value).unwrap());
                map
            })
        };
        assert!(reads_from_here(&Method::GET, &headers(Some("same-origin"))) && reads_from_here(&Method::HEAD, &headers(Some("none"))));
        for site in [None, Some("cross-site"), Some("same-site"), Some("")] {
            assert!(!reads_from_here(&Method::GET, &headers(site)), "{site:?}");
        }
        for method in [Method::POST, Method::DELETE, Method::PUT] {
            assert!(!reads_from_here(&method, &headers(Some("same-origin"))), "{method}");
        }
    }
}
