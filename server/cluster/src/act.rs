//! How is one act carried out on the live cluster? In somebody's right, within a time, and never asked twice by itself.

use crate::{
    error::Error,
    labels::Owner,
    object::{Meta, Page, Row},
    pods::Viewer,
    scope::{Link, User},
};
use domain::name::ObjectName;
use kube::{
    api::{GetParams, ListParams, Patch, PatchParams, PostParams},
    core::Request,
};
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::Value;
use std::{fmt, future::Future, time::Duration};
use tokio::time::{sleep, timeout};

pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
pub(crate) const CREATE_DEADLINE: Duration = Duration::from_secs(30);
/// How long an answer waits for its own write to appear in the rows.
pub(crate) const SEEN: Duration = Duration::from_secs(3);
pub(crate) const ATTEMPTS: u32 = 3;
/// A person waits these seconds rather than being told to come back.
const PATIENCE: u32 = 2;
const PAGE_SIZE: u32 = 500;

pub(crate) async fn within<T>(deadline: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(deadline, work).await.unwrap_or(Err(Error::Slow))
}

/// In whose right something is done: its owner's, or an administrator's.
#[derive(Clone)]
pub(crate) enum Right {
    Owner(User),
    Admin(User),
}

impl Right {
    pub(crate) fn user(&self) -> &User {
        match self {
            Self::Owner(user) | Self::Admin(user) => user,
        }
    }

    pub(crate) fn viewer(&self) -> Viewer<'_> {
        match self {
            Self::Owner(user) => Viewer::Owner(user.key()),
            Self::Admin(_) => Viewer::Admin,
        }
    }

    /// Whether a live object is managed and, unless an administrator acts, this person's (security O5). Whatever else it is, it
    /// is not there.
    pub(crate) fn prove(&self, is_marked: bool, owner: &Owner) -> Result<(), Error> {
        let is_theirs = match self {
            Self::Owner(user) => owner.key() == Some(user.key()),
            Self::Admin(_) => true,
        };
        if is_marked && is_theirs { Ok(()) } else { Err(Error::NotFound) }
    }
}

impl fmt::Debug for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner(user) => write!(f, "owner {:?}", user.key()),
            Self::Admin(user) => write!(f, "administrator {:?}", user.key()),
        }
    }
}

impl Link {
    pub(crate) fn all<R: Row>(&self) -> Request {
        Request::new(R::path(&self.namespace))
    }

    /// The live object of this name, read as `T`.
    pub(crate) async fn get<R: Row, T: DeserializeOwned>(&self, name: &ObjectName) -> Result<T, Error> {
        let request = self.all::<R>().get(name.as_str(), &GetParams::default()).map_err(Error::unexpected)?;
        self.ask(request).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(&self, all: &Request, object: &impl Serialize, dry_run: bool) -> Result<T, Error> {
        let params = PostParams { dry_run, ..PostParams::default() };
        let body = serde_json::to_vec(object).map_err(Error::unexpected)?;
        self.ask(all.create(&params, body).map_err(Error::unexpected)?).await
    }

    /// Merges `patch` into exactly this version of exactly this object.
    pub(crate) async fn patch<R: Row>(&self, name: &ObjectName, seen: &Meta, mut patch: Value, dry_run: bool) -> Result<(), Error> {
        // In a merge patch the version is a precondition (apiserver, pkg/registry/generic/registry/store.go, `Update`).
        patch["metadata"]["uid"] = (&*seen.uid).into();
        patch["metadata"]["resourceVersion"] = (&*seen.resource_version).into();
        let params = PatchParams { dry_run, ..PatchParams::default() };
        let request = self.all::<R>().patch(name.as_str(), &params, &Patch::Merge(patch)).map_err(Error::unexpected)?;
        self.ask::<IgnoredAny>(request).await.map(drop)
    }

    pub(crate) async fn list<R: Row>(&self, selector: Option<String>) -> Result<Vec<R>, Error> {
        let (mut all, mut next) = (Vec::new(), None);
        loop {
            let params =
                ListParams { label_selector: selector.clone(), limit: Some(PAGE_SIZE), continue_token: next, ..ListParams::default() };
            let page: Page = self.ask(self.all::<R>().list(&params).map_err(Error::unexpected)?).await?;
            next = Some(page.metadata.next.clone()).filter(|token| !token.is_empty());
            all.extend(page.rows());
            if next.is_none() {
                return Ok(all);
            }
        }
    }

    /// One request. If the API server asks for a moment's patience it is asked again: a 429 means that nothing was done.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, request: http::Request<Vec<u8>>) -> Result<T, Error> {
        let mut asked = 1;
        loop {
            let mut error = match self.client.request(request.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => Error::from(error),
            };
            if let Error::Busy { retry_after } = &error
                && asked < ATTEMPTS
                && retry_after.unwrap_or(1) <= PATIENCE
            {
                asked += 1;
                sleep(Duration::from_secs(retry_after.unwrap_or(1).into())).await;
                continue;
            }
            if let Error::Unreachable { since, .. } = &mut error {
                *since = self.cache.health().down_since;
            }
            return Err(error);
        }
    }
}
