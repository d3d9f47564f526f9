//! To whom does an administrator give a volume? One form for adoption and transfer: first what would change, then the change.

use super::{change::Again, form::slot};
use crate::pages::frame::cluster_banner;
use cluster::Change;
use domain::volume::{HandoverForm, KnownOwner, Volume};
use leptos::prelude::*;

/// What a post would change, shown before it does.
#[derive(Clone, Debug)]
pub struct Proposed {
    pub form: HandoverForm,
    pub changes: Vec<Change>,
}

/// The words of the page: what is done, and where Cancel leads.
#[derive(Clone, Debug)]
pub struct Wording {
    pub act: &'static str,
    pub heading: String,
    pub lead: &'static str,
    pub back: String,
}

pub fn view(volume: &Volume, known: &[KnownOwner], wording: Wording, again: Again<HandoverForm>) -> AnyView {
    let Wording { act, heading, lead, back } = wording;
    let body = match use_context::<Proposed>() {
        Some(proposed) => proposal(proposed, act, back),
        None => form(volume, known, lead, back, &again),
    };
    view! {
        <div class="narrow">
            <div class="head"><h1>{heading}</h1></div>
            {cluster_banner()}
            {again.general("Nothing was changed")}
            {body}
        </div>
    }
    .into_any()
}

fn form(volume: &Volume, known: &[KnownOwner], lead: &'static str, back: String, again: &Again<HandoverForm>) -> AnyView {
    let suggested = || domain::name::VolumeName::suggestion(&volume.name).map(String::from).unwrap_or_default();
    let form = again.form.clone().unwrap_or_else(|| HandoverForm { name: suggested(), ..HandoverForm::default() });
    let choices = known
        .iter()
        .map(|owner| {
            let key = owner.key();
            let (issuer, subject) = (owner.principal.issuer(), owner.principal.subject());
            view! { <option value=key.to_string() selected=form.owner == key.as_str()>{format!("{} ({subject} at {issuer})", owner.username)}</option> }
        })
        .collect_view();
    let text = |id: &'static str, label: &'static str, value: String, hint: &'static str| {
        let error = again.field(id);
        let slot_id = match id {
            "name" => "name-error",
            "issuer" => "issuer-error",
            "subject" => "subject-error",
            _ => "username-error",
        };
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input class="text" id=id name=id value=value autocomplete="off" autocapitalize="off" spellcheck="false"
                    aria-describedby=slot_id aria-invalid=error.is_some().then_some("true")/>
                <span class="hint">{hint}</span>
                {slot(slot_id, error.as_deref())}
            </div>
        }
    };
    view! {
        <form class="sheet card" method="post" novalidate>
            <input type="hidden" name="claim" value=volume.claim.clone()/>
            <input type="hidden" name="uid" value=volume.uid.clone()/>
            <p>{lead}</p>
            <dl class="facts">
                <dt>"PVC"</dt><dd class="mono">{volume.claim.clone()}</dd>
                <dt>"Size"</dt><dd>{volume.size().rounded()}</dd>
                <dt>"Label username"</dt><dd>{if volume.username.is_empty() { "none".to_owned() } else { volume.username.clone() }} <span class="under">"Anybody who may write claims can write it: it proves nothing."</span></dd>
            </dl>
            <div class="field">
                <label for="owner">"New owner"</label>
                <select class="text" id="owner" name="owner" aria-describedby="owner-error">
                    <option value="">"Somebody else, entered below"</option>
                    {choices}
                </select>
                {slot("owner-error", again.field("owner").as_deref())}
            </div>
            {text("issuer", "Issuer", form.issuer.clone(), "For somebody who owns nothing here yet: as their id token names the identity provider, byte for byte.")}
            {text("subject", "Subject", form.subject.clone(), "As their id token names them.")}
            {text("username", "Readable name", form.username.clone(), "For people to read; it gives no right.")}
            {text("name", "Name of the volume", form.name.clone(), "As its new owner will call it.")}
            <div class="row">
                <a class="button" href=back>"Cancel"</a>
                <button class="button first">"Show what will change"</button>
            </div>
        </form>
    }
    .into_any()
}

fn proposal(proposed: Proposed, act: &'static str, back: String) -> AnyView {
    let Proposed { form, changes } = proposed;
    let hidden = [
        ("claim", form.claim),
        ("uid", form.uid),
        ("name", form.name),
        ("owner", form.owner),
        ("issuer", form.issuer),
        ("subject", form.subject),
        ("username", form.username),
        ("confirmed", "yes".to_owned()),
    ]
    .map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    let row = |change: Change| {
        view! {
            <tr>
                <th scope="row" class="wrap mono">{change.what}</th>
                <td class="wrap mono" data-label="Now">{change.from.unwrap_or_else(|| "none".to_owned())}</td>
                <td class="wrap mono" data-label="Then">{change.to}</td>
            </tr>
        }
    };
    view! {
        <form method="post">
            {hidden}
            <p>"The cluster was asked and would do this. Nothing has changed yet. Pods that run with the volume go on until they end."</p>
            <div class="sheet scroll" tabindex="0" role="region" aria-label="What will change">
                <table class="labelled">
                    <thead><tr><th scope="col">"What"</th><th scope="col">"Now"</th><th scope="col">"Then"</th></tr></thead>
                    <tbody>{changes.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            <p class="row">
                <a class="button" href=back>"Cancel"</a>
                <button class="button danger first">{act}</button>
            </p>
        </form>
    }
    .into_any()
}
