//! The pages about one task: mine, and anybody's for administrators.

use super::{
    detail::{TaskPage, detail},
    news, shell,
    source::Source,
    view::Whose,
};
use crate::{
    error::ApiError,
    pages::frame::Frame,
    server::{self, Reading},
    volumes::pages::{param, show},
};
use domain::task::Task;
use leptos::prelude::*;
use leptos_meta::Title;

/// The task of this id, from the cluster or from what was kept of it. The revision is taken first, so that no change is missed.
pub(super) async fn read(whose: Whose, id: &str) -> Result<Reading<TaskPage>, ApiError> {
    let (source, portal, id) = (Source::of(whose)?, server::portal()?, server::task_id(id)?);
    let revision = source.changes().borrow().to_string();
    let found = source.find(&portal, &id).await?;
    let shell = shell::offer_of(&portal, &found);
    let data = TaskPage::new(found, source.volumes()?, shell, |volume| source.said_about(volume));
    Ok(Reading { data, revision, now: server::now() })
}

#[component]
pub fn DetailPage() -> impl IntoView {
    page(Whose::Mine)
}

#[component]
pub fn AnyDetailPage() -> impl IntoView {
    page(Whose::Anybodys)
}

fn page(whose: Whose) -> impl IntoView {
    let (id, news) = (param("id"), news::of(server::now()));
    let page = Suspend::new(async move {
        show(read(whose, &id).await, |read| view! { <Title text=title(&read.data.detail.task)/> {news} {detail(read, whose)} })
    });
    view! { <Frame title="Task" section=whose.section()>{page}</Frame> }
}

/// The tab says how it stands, also when it is not the one in front.
pub(super) fn title(task: &Task) -> String {
    format!("{}: {} · Stowage", task.name, task.state.label())
}
