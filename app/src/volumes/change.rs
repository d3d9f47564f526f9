//! What do all pages that change one volume share? Where they belong, and how a refusal is shown.

use crate::{
    pages::{
        frame::{Section, cluster_banner},
        message::for_admins,
    },
    paths,
    server::{self, Refused},
    ui::icon,
};
use domain::{allowed::WhyNot, problem::Problem, volume::Volume};
use leptos::prelude::*;

/// Whose volume a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The caller's own.
    Mine,
    /// Anybody's: an administrator acts.
    Anybodys,
}

impl Whose {
    pub fn section(self) -> Section {
        match self {
            Self::Mine => Section::Volumes,
            Self::Anybodys => Section::AllVolumes,
        }
    }

    pub fn volume(self, volume: &Volume) -> String {
        match self {
            Self::Mine => paths::volume(&volume.id),
            Self::Anybodys => paths::admin_volume(&volume.id),
        }
    }

    pub fn list(self) -> &'static str {
        match self {
            Self::Mine => paths::VOLUMES,
            Self::Anybodys => paths::ADMIN_VOLUMES,
        }
    }

    pub fn trash(self) -> &'static str {
        match self {
            Self::Mine => paths::TRASH,
            Self::Anybodys => paths::ADMIN_TRASH,
        }
    }

    pub fn delete(self, volume: &Volume) -> String {
        match self {
            Self::Mine => paths::delete_volume(&volume.id),
            Self::Anybodys => paths::admin_delete_volume(&volume.id),
        }
    }

    pub fn restore(self, volume: &Volume) -> String {
        match self {
            Self::Mine => paths::restore_volume(&volume.id),
            Self::Anybodys => paths::admin_restore_volume(&volume.id),
        }
    }

    pub fn list_title(self) -> &'static str {
        match self {
            Self::Mine => "Volumes",
            Self::Anybodys => "All volumes",
        }
    }

    pub fn crumbs(self, volume: &Volume, here: &'static str) -> impl IntoView {
        view! { <p class="crumbs"><a href=self.list()>{self.list_title()}</a> " / " <a href=self.volume(volume)>{volume.name.clone()}</a> " / " {here}</p> }
    }
}

/// What a refused post leaves for the form that is shown again.
pub struct Again<F> {
    /// What was typed.
    pub form: Option<F>,
    problem: Option<Problem>,
}

impl<F: Clone> Again<F> {
    /// Gives the answer the status of the refusal.
    pub fn of(refused: Option<Refused<F>>) -> Self {
        if let Some(refused) = &refused {
            server::set_status(refused.problem.code);
        }
        let (form, problem) = refused.map(|Refused { form, problem }| (form, problem)).unzip();
        Self { form, problem }
    }

    /// The sentence of one field.
    pub fn field(&self, name: &str) -> Option<String> {
        self.problem.as_ref()?.fields.get(name).map(str::to_owned)
    }

    /// The sentence of what no field explains.
    pub fn general(&self, heading: &'static str) -> Option<impl IntoView + use<F>> {
        let problem = self.problem.as_ref().filter(|problem| problem.fields.is_empty())?;
        let sentence = problem.message.clone();
        Some(
            view! { <section class="cause bad" role="alert">{icon("failed")}<div><h2>{heading}</h2><p>{sentence}</p>{for_admins(problem)}</div></section> },
        )
    }
}

/// In place of the form, when there is nothing to type now.
pub fn cannot(whose: Whose, volume: &Volume, here: &'static str, heading: String, why: &WhyNot, again: String) -> AnyView {
    view! {
        {whose.crumbs(volume, here)}
        <div class="narrow">
            <div class="head"><h1>{heading}</h1></div>
            {cluster_banner()}
            <section class="cause wait">{icon("warn")}<div><h2>{why.heading()}</h2><p>{why.to_string()}</p></div></section>
            <div class="row">
                <a class="button" href=whose.volume(volume)>"Back to the volume"</a>
                <a class="button first" href=again>"Check again"</a>
            </div>
        </div>
    }
    .into_any()
}
