//! Which kinds of storage can be chosen? The page for everyone; administrators also see what nobody else can choose.

use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, Section},
        message,
    },
    paths, server,
};
use domain::{
    access::AccessMode,
    storage_class::{Binding, Offer, Reclaim, StorageClass},
    volume::Volume,
};
use leptos::prelude::*;

/// The classes that this person sees, and the volumes that they see of each.
struct Known {
    classes: Vec<StorageClass>,
    volumes: Vec<Volume>,
    is_admin: bool,
}

fn known() -> Result<Known, ApiError> {
    let caller = server::caller()?;
    if !caller.user().is_admin() {
        return Ok(Known { classes: caller.storage_classes()?, volumes: caller.volumes_and_trash()?, is_admin: false });
    }
    let admin = caller.admin()?;
    Ok(Known { classes: admin.storage_classes()?, volumes: admin.volumes_and_trash()?, is_admin: true })
}

#[component]
pub fn ClassesPage() -> impl IntoView {
    view! {
        <Frame title="Storage classes" section=Section::Classes>
            {match known() {
                Err(error) => message::problem(&error.0),
                Ok(known) => view! {
                    <div class="head"><h1>"Storage classes"</h1></div>
                    <p class="lead">"A class is a kind of storage that the cluster offers. You choose one when you make a volume; it cannot be changed later."</p>
                    {if known.classes.is_empty() { none().into_any() } else { view! { {cards(&known)} {legend()} }.into_any() }}
                }
                .into_any(),
            }}
        </Frame>
    }
}

fn none() -> impl IntoView {
    view! {
        <div class="sheet empty">
            <h2>"The cluster offers you no storage class"</h2>
            <p>"No volume can be made until there is one. Ask an administrator to add a StorageClass, or to let you use one."</p>
        </div>
    }
}

fn cards(known: &Known) -> impl IntoView + use<> {
    let cards = known.classes.iter().map(|class| card(class, known)).collect_view();
    view! { <ul class="classes">{cards}</ul> }
}

fn card(class: &StorageClass, known: &Known) -> impl IntoView + use<> {
    let settings = &class.settings;
    let count = known.volumes.iter().filter(|volume| volume.class.as_deref() == Some(class.name.as_str())).count();
    let volumes = if known.is_admin { "All volumes" } else { "Your volumes" };
    let line = |text: String| view! { <p class="quiet">{text}</p> };
    let chips = [("default", class.default), ("deprecated", settings.deprecated.is_some()), ("hidden", settings.hidden)];
    let made = match class.binding {
        Binding::Immediate => "at once",
        Binding::WaitForFirstConsumer => "when first used",
    };
    let end = match class.reclaim {
        Reclaim::Delete => "its data is destroyed",
        Reclaim::Retain => "its data is kept aside by the administrators",
    };
    let whom = match settings.groups.as_slice() {
        _ if settings.hidden => "nobody any more".to_owned(),
        [] => "everybody".to_owned(),
        groups => format!("groups {}", groups.join(", ")),
    };
    let new = (!settings.hidden).then(|| {
        let href = paths::with_query(paths::NEW_VOLUME, &[("class", class.name.as_str())]);
        view! { <a class="button push" href=href>"New volume" <span class="unseen">" with class " {class.title().to_owned()}</span></a> }
    });
    let list =
        paths::with_query(if known.is_admin { paths::ADMIN_VOLUMES } else { paths::VOLUMES }, &[("q", format!("class:{}", class.name))]);
    view! {
        <li class="sheet card">
            <header>
                <h2>{class.title().to_owned()}</h2>
                {chips.map(|(word, is)| is.then(|| view! { <span class="chip">{word}</span> }))}
                {new}
            </header>
            {settings.deprecated.clone().map(line)}
            {class.description().map(str::to_owned).map(line)}
            {class.note().map(str::to_owned).map(line)}
            <dl class="facts">
                <dt>"Access"</dt><dd>{modes(class)}</dd>
                <dt>"Storage is made"</dt><dd>{made}</dd>
                <dt>"Can grow"</dt><dd>{if class.expandable { "yes" } else { "no" }}</dd>
                <dt>"When deleted"</dt><dd>{end}</dd>
                <dt>"For"</dt><dd>{whom}</dd>
                <dt>{volumes}</dt><dd>{if count == 0 { view! { "0" }.into_any() } else { view! { <a href=list>{count}</a> }.into_any() }}</dd>
                {settings.title.as_ref().map(|_| view! { <dt>"Name"</dt><dd class="mono">{class.name.to_string()}</dd> })}
                <dt>"Provisioner"</dt><dd class="mono">{class.provisioner.clone()}</dd>
            </dl>
        </li>
    }
}

/// Each mode with how certain it is; the word carries it, the colour only helps.
fn modes(class: &StorageClass) -> impl IntoView + use<> {
    let line = |mode: AccessMode| {
        let offer = class.offers(mode);
        view! { <li>{mode.in_words()} ": " <b class=tone(offer)>{offer.label()}</b></li> }
    };
    view! { <ul class="modes">{AccessMode::ALL.map(line)}</ul> }
}

fn tone(offer: Offer) -> &'static str {
    match offer {
        Offer::Proven => "offer good",
        Offer::Likely | Offer::Unknown => "offer",
        Offer::No => "offer quiet",
    }
}

fn legend() -> impl IntoView {
    let line = |offer: Offer| view! { <dt>{offer.label()}</dt><dd>{offer.in_words()}</dd> };
    view! {
        <section class="sheet card legend">
            <header><h2>"What the words about access mean"</h2></header>
            <p>"Kubernetes does not say which modes a class can do. The portal goes by what it has seen."</p>
            <dl class="facts">{Offer::ALL.map(line)}</dl>
        </section>
    }
}
