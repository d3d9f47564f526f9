//! Which claims are nobody's, and whose shall they be? For administrators; read live, since claims without our labels are not
//! watched.

use super::{
    change::Again,
    handover::{self, Wording},
    pages::{query, show},
    view,
};
use crate::{
    error::ApiError,
    pages::frame::{Frame, Section, cluster_banner},
    paths,
    server::{self, Refused},
};
use domain::{
    problem::Problem,
    volume::{HandoverForm, KnownOwner, Volume},
};
use leptos::prelude::*;

/// All claims that are nobody's, or the form for the one that `?claim=` names.
#[component]
pub fn AdoptPage() -> impl IntoView {
    let refused = use_context::<Refused<HandoverForm>>();
    let proposed = use_context::<handover::Proposed>();
    let posted = refused.as_ref().map(|refused| &refused.form).or(proposed.as_ref().map(|proposed| &proposed.form));
    let claim = posted.map(|form| form.claim.clone()).unwrap_or_else(|| query("claim"));
    let page = Suspend::new(async move {
        let again = Again::of(refused);
        show(read().await, |(claims, known)| {
            if claim.is_empty() {
                return list(claims, &again);
            }
            match claims.iter().find(|volume| volume.claim == claim) {
                Some(volume) => form(volume, &known, again),
                None if again.form.is_some() => list(claims, &again),
                None => crate::pages::message::problem(&Problem::not_found()),
            }
        })
    });
    view! { <Frame title="Adopt volumes" section=Section::Adopt>{page}</Frame> }
}

async fn read() -> Result<(Vec<Volume>, Vec<KnownOwner>), ApiError> {
    let admin = server::admin()?;
    Ok((admin.unclaimed().await?, admin.owners()?))
}

fn list(claims: Vec<Volume>, again: &Again<HandoverForm>) -> AnyView {
    let row = |volume: Volume| {
        let href = paths::with_query(paths::ADMIN_ADOPT, &[("claim", &volume.claim)]);
        view! {
            <tr>
                <th scope="row" class="wrap"><a class="name mono" href=href>{volume.claim.clone()}</a></th>
                <td data-label="State">{view::badge(&volume.status)}</td>
                <td class="num" data-label="Size">{volume.size().rounded()}</td>
                <td data-label="Class">{volume.class.unwrap_or_else(|| "none".into())}</td>
                <td class="wrap" data-label="Label username">{volume.username}</td>
            </tr>
        }
    };
    let empty = claims.is_empty();
    let rows = claims.into_iter().map(row).collect_view();
    view! {
        <div class="head"><h1>"Adopt volumes"</h1></div>
        {cluster_banner()}
        {again.general("Nothing was changed")}
        {again.field("name").map(|_| view! { <p role="alert">"Choose a claim first."</p> })}
        <p class="lead">"Claims in this namespace that belong to nobody: made with kubectl or another tool. Give one to a person and it becomes their volume."</p>
        {if empty {
            view! { <p>"Every claim has an owner."</p> }.into_any()
        } else {
            view! {
                <div class="sheet scroll" tabindex="0" role="region" aria-label="Claims without an owner">
                    <table class="labelled">
                        <thead><tr><th scope="col">"PVC"</th><th scope="col">"State"</th><th scope="col" class="num">"Size"</th><th scope="col">"Class"</th><th scope="col">"Label username"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }
            .into_any()
        }}
    }
    .into_any()
}

fn form(volume: &Volume, known: &[KnownOwner], again: Again<HandoverForm>) -> AnyView {
    let wording = Wording {
        act: "Adopt volume",
        heading: format!("Adopt {}", volume.claim),
        lead: "The claim becomes the volume of the person you name: they see it, use it and may delete it.",
        back: paths::ADMIN_ADOPT.to_owned(),
    };
    view! {
        <p class="crumbs"><a href=paths::ADMIN_ADOPT>"Adopt volumes"</a> " / " {volume.claim.clone()}</p>
        {handover::view(volume, known, wording, again)}
    }
    .into_any()
}
