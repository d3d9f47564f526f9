//! Which forms change a volume, and where does each lead? To the page of what was changed, or back to the form.

use super::{Pages, Posted, trash::removed};
use app::{
    audit::actions::{Act, Trail, to_the_end},
    paths,
    volumes::{
        actions::{self, Acts, HandedOver, Next},
        bulk::{AllGone, Gone},
        filters,
        handover::Proposed,
    },
};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use cluster::{AdminCluster, UserCluster};
use domain::{
    audit::Verb,
    filter::SavedForm,
    name::{ObjectName, VolumeId},
    problem::Problem,
    volume::{BulkDeleteForm, CleanupForm, DeleteForm, EditForm, ExpandForm, HandoverForm, PublishForm, Removed},
};
use http::request::Parts;

pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route(&paths::grow_volume(&"{id}"), post(grow))
        .route(&paths::edit_volume(&"{id}"), post(edit))
        .route(&paths::clean_up_volume(&"{id}"), post(clean_up))
        .route(&paths::delete_volume(&"{id}"), post(delete))
        .route(&paths::publish_volume(&"{id}"), post(publish))
        .route(paths::FILTERS, post(change_filters))
        .route(paths::DELETE_VOLUMES, post(delete_all))
        .route(paths::ADMIN_DELETE_VOLUMES, post(delete_all_anybodys))
        .route(&paths::admin_delete_volume(&"{id}"), post(delete_anybodys))
        .route(&paths::admin_transfer_volume(&"{id}"), post(transfer))
        .route(paths::ADMIN_ADOPT, post(adopt))
}

/// The page that says what was done, for the minute after it.
pub(super) fn news(page: &str, done: &str) -> String {
    format!("{page}?done={done}&at={}", app::server::now())
}

impl Pages {
    /// What was done leads on; what was not shows the form again.
    pub(super) async fn lead<F: Clone + Send + Sync + 'static>(&self, parts: Parts, form: F, done: Result<String, Problem>) -> Response {
        match done {
            Ok(to) => Redirect::to(&to).into_response(),
            Err(problem) => self.refuse(parts, form, problem).await,
        }
    }
}

/// An act on a volume of one's own, by the name that it has now. What no volume can be called is not put on record.
pub(super) fn own(verb: Verb, caller: &UserCluster, id: &str) -> Act {
    let Ok(id) = id.parse::<VolumeId>() else { return Act::own(verb, "", "") };
    let name = caller.volume(&id).map(|detail| detail.volume.name);
    Act::own(verb, id.as_str(), name.unwrap_or_default())
}

/// An act on anybody's volume, with whose it was.
pub(super) fn anybodys(verb: Verb, admin: &AdminCluster, id: &str) -> Act {
    let found = id.parse().ok().and_then(|id: VolumeId| Some((admin.owner_of(&id), admin.volume(&id).ok()?.volume)));
    match found {
        Some((key, volume)) => Act::own(verb, id, volume.name).of(key.map(|key| key.to_string()).unwrap_or_default(), volume.username),
        None => Act::tried(verb, id),
    }
}

async fn grow(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<ExpandForm>) -> Response {
    let to = news(&paths::volume(&id), "grown");
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (typed, act) = (form.clone(), own(Verb::GrowVolume, &caller, &id));
            let records = pages.portal.records.clone();
            (typed, pages.audited(&parts, |_| act, async move { actions::grow(&records, &caller, &id, &form).await }).await)
        }
        Err(problem) => (ExpandForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|()| to)).await
}

async fn edit(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<EditForm>) -> Response {
    let to = news(&paths::volume(&id), "edited");
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (typed, act) = (form.clone(), own(Verb::EditVolume, &caller, &id));
            (typed, pages.audited(&parts, |_| act, async move { actions::edit(&caller, &id, &form).await }).await)
        }
        Err(problem) => (EditForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|()| to)).await
}

async fn clean_up(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<CleanupForm>) -> Response {
    let mut to = news(&paths::volume(&id), "cleaned");
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            // A volume that only waited for its pods is gone in a moment, and its page with it.
            let is_leaving = |id: VolumeId| caller.volume(&id).is_ok_and(|detail| detail.volume.status.is_deleting());
            if id.parse().is_ok_and(is_leaving) {
                to = news(paths::VOLUMES, "cleaned");
            }
            let (typed, act) = (form.clone(), own(Verb::CleanUpVolume, &caller, &id));
            (typed, pages.audited(&parts, |_| act, async move { actions::clean_up(&caller, &id, &form).await }).await)
        }
        Err(problem) => (CleanupForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|done| format!("{to}&removed={}&left={}", done.removed, done.of_others))).await
}

async fn delete(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<DeleteForm>) -> Response {
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (typed, act) = (form.clone(), own(Verb::DeleteVolume, &caller, &id));
            let what = |done: Option<&(Removed, Next)>| match done {
                Some((how, _)) => act.removed(*how),
                None => act,
            };
            (typed, pages.audited(&parts, what, async move { actions::delete(&caller, &id, &form).await }).await)
        }
        Err(problem) => (DeleteForm::default(), Err(problem)),
    };
    let to = done.map(|(how, next)| match next {
        Next::List => removed(paths::VOLUMES, how),
        Next::CreateAgain(form) => {
            let mut pairs = form.pairs();
            let again = if how == Removed::ForGood { "deleted" } else { "trashed" };
            pairs.push(("again", again.to_owned()));
            paths::with_query(paths::NEW_VOLUME, &pairs)
        }
    });
    pages.lead(parts, form, to).await
}

async fn publish(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<PublishForm>) -> Response {
    let page = paths::volume(&id);
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let verb = if form.is_read_only() { Verb::PublishVolume } else { Verb::UnpublishVolume };
            let (typed, act) = (form.clone(), own(verb, &caller, &id));
            (typed, pages.audited(&parts, |_| act, async move { actions::publish(&caller, &id, &form).await }).await)
        }
        Err(problem) => (PublishForm::default(), Err(problem)),
    };
    let word = if form.is_read_only() { "published" } else { "unpublished" };
    pages.lead(parts, form, done.map(|()| news(&page, word))).await
}

/// A person's own way of looking: nothing in the cluster changes, so nothing is written down.
async fn change_filters(State(pages): State<Pages>, parts: Parts, posted: Posted<SavedForm>) -> Response {
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let done = filters::change(&pages.portal.records, caller.user(), &form).await;
            (form, done)
        }
        Err(problem) => (SavedForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done).await
}

async fn delete_all(State(pages): State<Pages>, parts: Parts, posted: Posted<BulkDeleteForm>) -> Response {
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let acts: Acts = form.ids().into_iter().map(|id| (id.clone(), own(Verb::DeleteVolume, &caller, &id))).collect();
            let typed = form.clone();
            let delete = move |trail: Trail| async move { actions::delete_all(&caller, &form, &trail, &acts).await };
            (typed, pages.audited_each(&parts, Verb::DeleteVolume, delete).await)
        }
        Err(problem) => (BulkDeleteForm::default(), Err(problem)),
    };
    pages.all_gone(parts, form, done).await
}

/// An attempt on many at once is one line.
fn many(form: &BulkDeleteForm) -> Act {
    let ids = form.ids();
    let first = ids.first().map(String::as_str).unwrap_or_default();
    let act = Act::tried(Verb::DeleteVolume, first);
    if ids.len() > 1 { act.called(format!("and {} more", ids.len() - 1)) } else { act }
}

/// A claim that is nobody's, by its name in the cluster.
fn claim(form: &HandoverForm) -> Act {
    let name = form.claim.parse().map(|name: ObjectName| name.to_string());
    Act::tried(Verb::AdoptVolume, "").called(name.unwrap_or_default())
}

async fn delete_anybodys(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<DeleteForm>) -> Response {
    let (form, done) = match pages.take_as_admin(&parts, posted, |_| Act::tried(Verb::DeleteVolume, &id)).await {
        Ok((admin, form)) => {
            let (typed, act) = (form.clone(), anybodys(Verb::DeleteVolume, &admin, &id));
            let what = |how: Option<&Removed>| match how {
                Some(how) => act.removed(*how),
                None => act,
            };
            (typed, pages.audited(&parts, what, async move { actions::delete_anybodys(&admin, &id, &form).await }).await)
        }
        Err(problem) => (DeleteForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|how| removed(paths::ADMIN_VOLUMES, how))).await
}

async fn delete_all_anybodys(State(pages): State<Pages>, parts: Parts, posted: Posted<BulkDeleteForm>) -> Response {
    let (form, done) = match pages.take_as_admin(&parts, posted, |form: &BulkDeleteForm| many(form)).await {
        Ok((admin, form)) => {
            let acts: Acts = form.ids().into_iter().map(|id| (id.clone(), anybodys(Verb::DeleteVolume, &admin, &id))).collect();
            let typed = form.clone();
            let delete = move |trail: Trail| async move { actions::delete_all_anybodys(&admin, &form, &trail, &acts).await };
            (typed, pages.audited_each(&parts, Verb::DeleteVolume, delete).await)
        }
        Err(problem) => (BulkDeleteForm::default(), Err(problem)),
    };
    pages.all_gone(parts, form, done).await
}

async fn transfer(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<HandoverForm>) -> Response {
    let (form, done) = match pages.take_as_admin(&parts, posted, |_| Act::tried(Verb::TransferVolume, &id)).await {
        Ok((admin, form)) => {
            let (typed, act) = (form.clone(), anybodys(Verb::TransferVolume, &admin, &id));
            (typed, pages.audited(&parts, handed_over(act), async move { actions::transfer(&admin, &id, &form).await }).await)
        }
        Err(problem) => (HandoverForm::default(), Err(problem)),
    };
    pages.handed_over(parts, form, done, "transferred").await
}

async fn adopt(State(pages): State<Pages>, parts: Parts, posted: Posted<HandoverForm>) -> Response {
    let (form, done) = match pages.take_as_admin(&parts, posted, |form: &HandoverForm| claim(form)).await {
        Ok((admin, form)) => {
            let (typed, act) = (form.clone(), claim(&form));
            (typed, pages.audited(&parts, handed_over(act), async move { actions::adopt(&admin, &form).await }).await)
        }
        Err(problem) => (HandoverForm::default(), Err(problem)),
    };
    pages.handed_over(parts, form, done, "adopted").await
}

/// What was only proposed is no act; what was done says to whom.
fn handed_over(act: Act) -> impl FnOnce(Option<&HandedOver>) -> Option<Act> + Send + 'static {
    move |done| match done {
        Some(HandedOver::Proposed(_)) => None,
        Some(HandedOver::Done(id, to)) => Some(act.on(id.as_str(), to.name.as_str()).to(&to.key(), &to.username)),
        None => Some(act),
    }
}

impl Pages {
    /// The same as [`Pages::audited`] for many things at once: `work` writes a line for each as it ends. If nothing was begun, one
    /// line says so.
    pub(super) async fn audited_each<T, W>(
        &self,
        parts: &Parts,
        verb: Verb,
        work: impl FnOnce(Trail) -> W + Send + 'static,
    ) -> Result<Vec<T>, Problem>
    where
        T: Send + 'static,
        W: Future<Output = Result<Vec<T>, Problem>> + Send + 'static,
    {
        let trail = self.trail(parts)?;
        let all = work(trail.clone());
        let told = async move {
            let gone = all.await;
            if let Err(problem) = &gone {
                trail.ended(Act::own(verb, "", ""), Some(problem)).await;
            }
            gone
        };
        to_the_end(&self.portal.records, told).await
    }

    async fn all_gone(&self, parts: Parts, form: BulkDeleteForm, done: Result<Vec<Gone>, Problem>) -> Response {
        match done {
            Ok(gone) => self.render(parts, AllGone(gone)).await,
            Err(problem) => self.refuse(parts, form, problem).await,
        }
    }

    async fn handed_over(&self, parts: Parts, form: HandoverForm, done: Result<HandedOver, Problem>, word: &str) -> Response {
        match done {
            Ok(HandedOver::Proposed(changes)) => self.render(parts, Proposed { form, changes }).await,
            Ok(HandedOver::Done(id, _)) => Redirect::to(&news(&paths::admin_volume(&id), word)).into_response(),
            Err(problem) => self.refuse(parts, form, problem).await,
        }
    }
}
