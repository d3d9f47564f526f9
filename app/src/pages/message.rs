//! How is one thing said with nothing else on the page: not found, failed, signed out?

use super::{
    document::document,
    frame::{Frame, Section, brand},
};
use crate::{paths, server, ui::icon};
use domain::problem::{Code, ForAdmins, Problem};
use leptos::prelude::*;

/// A page outside the frame: for people who are not signed in, or when something went wrong before a page was reached.
#[derive(Clone, Debug)]
pub struct Message {
    pub heading: String,
    pub sentence: String,
    /// Where to go next, and the word on the button.
    pub action: Option<(String, String)>,
    /// A form that came to nothing, to be sent once more after that.
    pub again: Option<Again>,
    pub request_id: Option<String>,
}

/// What somebody sent: to which address, and its fields.
#[derive(Clone, Debug)]
pub struct Again {
    pub to: String,
    pub fields: Vec<(String, String)>,
}

/// The whole document. Needs no router, no person and no cluster.
pub fn html(options: LeptosOptions, message: Message) -> String {
    let Message { heading, sentence, action, again, request_id } = message;
    // What is to be sent again stays open beside it.
    let target = again.is_some().then_some("_blank");
    let again = again.map(|Again { to, fields }| {
        let hidden = fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
        view! { <form method="post" action=to>{hidden} <button class="button">"Send it again"</button></form> }
    });
    let body = view! {
        <main class="alone">
            <div class="sheet">
                <p class="brand">{brand()} "Stowage"</p>
                <h1>{heading.clone()}</h1>
                <p>{sentence}</p>
                <div class="row">
                    {action.map(|(href, label)| view! { <a class="button first" href=href target=target>{label}</a> })}
                    {again}
                </div>
                {request_id.map(|id| view! { <p class="small quiet">"Reference " <code>{id}</code></p> })}
            </div>
        </main>
    };
    let head = view! { <title>{format!("{heading} · Stowage")}</title> };
    Owner::new().with(|| document(options, head, body).to_html())
}

#[component]
pub fn NotFoundPage() -> impl IntoView {
    server::set_status(Code::NotFound);
    view! {
        <Frame title="Not found" section=Section::None>
            {problem(&Problem::not_found())}
        </Frame>
    }
}

/// A problem in the place of what could not be shown. Sets the answer's status.
pub fn problem(problem: &Problem) -> AnyView {
    server::set_status(problem.code);
    let (heading, back) = match problem.code {
        Code::NotFound => ("Not found", true),
        Code::Forbidden => ("For administrators only", true),
        Code::ClusterUnreachable | Code::ClusterSlow => ("The cluster does not answer", false),
        Code::PortalMisconfigured => ("The portal is not set up for this", true),
        Code::Unauthenticated
        | Code::CrossSite
        | Code::Conflict
        | Code::Quota
        | Code::Malformed
        | Code::MethodNotAllowed
        | Code::TooLarge
        | Code::UnsupportedMediaType
        | Code::Invalid
        | Code::RateLimited
        | Code::SessionStoreUnavailable
        | Code::ProviderUnavailable
        | Code::Internal => ("This did not work", true),
    };
    // What a person did is theirs to mend; a reference helps only with what we did.
    let request_id = problem.request_id.clone().filter(|_| problem.code.status() >= 500);
    view! {
        // Without scripts the page looks again by itself while the cluster is away.
        {(!back).then(|| view! { <leptos_meta::Meta http_equiv="refresh" content="10"/> })}
        <div class="sheet empty" role="alert">
            {icon(if back { "info" } else { "warn" })}
            <h1>{heading}</h1>
            <p>{problem.message.clone()}</p>
            {for_admins(problem)}
            <div class="row">
                {if back {
                    view! { <a class="button first" href=paths::VOLUMES>"Go to volumes"</a> }.into_any()
                } else {
                    view! { <p class="quiet">"This page looks again every ten seconds."</p> }.into_any()
                }}
            </div>
            {request_id.map(|id| view! { <p class="small quiet">"Reference " <code>{id}</code></p> })}
        </div>
    }
    .into_any()
}

/// What is behind a problem, for administrators: they can mend it.
pub fn for_admins(problem: &Problem) -> Option<AnyView> {
    let told = problem.for_admins.clone().filter(|_| server::user().is_ok_and(|user| user.is_admin()))?;
    let ForAdmins { sentence, command } = *told;
    Some(
        view! {
            <p>{sentence}</p>
            {command.map(|command| view! { <p>"This asks the cluster about it:"</p><pre tabindex="0">{command}</pre> })}
        }
        .into_any(),
    )
}
