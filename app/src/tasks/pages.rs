//! The pages about one task: mine, and anybody's for administrators.

use super::{
    detail::{TaskPage, detail},
    news,
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

/// One of the caller's own tasks, by the id in the address.
pub(super) fn own_task() -> Result<Reading<TaskPage>, ApiError> {
    let (caller, id) = (server::caller()?, server::task_id(&param("id"))?);
    server::reading(caller.changes(), || {
        let (detail, volumes) = (caller.task(&id)?, caller.volumes()?);
        Ok(TaskPage::new(detail, volumes, |volume| Ok(caller.volume(volume)?.events)))
    })
}

/// Anybody's task, by the id in the address. Administrators only.
pub(super) fn any_task() -> Result<Reading<TaskPage>, ApiError> {
    let (admin, id) = (server::admin()?, server::task_id(&param("id"))?);
    server::reading(admin.changes(), || {
        let (detail, volumes) = (admin.task(&id)?, admin.volumes()?);
        Ok(TaskPage::new(detail, volumes, |volume| Ok(admin.volume(volume)?.events)))
    })
}

pub(super) fn read(whose: Whose) -> Result<Reading<TaskPage>, ApiError> {
    match whose {
        Whose::Mine => own_task(),
        Whose::Anybodys => any_task(),
    }
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
    view! {
        <Frame title="Task" section=whose.section()>
            {show(read(whose), |read| {
                let news = news::of(read.now);
                view! { <Title text=title(&read.data.detail.task)/> {news} {detail(read, whose)} }
            })}
        </Frame>
    }
}

/// The tab says how it stands, also when it is not the one in front.
pub(super) fn title(task: &Task) -> String {
    format!("{}: {} · Stowage", task.name, task.state.label())
}
