//! Which kinds of storage can be chosen? The page for everyone.

use crate::pages::{
    frame::{Frame, Section},
    message,
};
use domain::{
    access::AccessMode,
    storage_class::{Binding, Offer, Reclaim, StorageClass},
};
use leptos::prelude::*;

#[component]
pub fn ClassesPage() -> impl IntoView {
    let classes = crate::server::caller().and_then(|caller| Ok(caller.storage_classes()?));
    view! {
        <Frame title="Storage classes" section=Section::Classes islands=false>
            {match classes {
                Err(error) => message::problem(&error.0),
                Ok(classes) => view! {
                    <div class="head"><h1>"Storage classes"</h1></div>
                    <p class="lead">"A class is a kind of storage that the cluster offers. You choose one when you make a volume; it cannot be changed later."</p>
                    {if classes.is_empty() { none().into_any() } else { table(&classes).into_any() }}
                }
                .into_any(),
            }}
        </Frame>
    }
}

fn none() -> impl IntoView {
    view! {
        <div class="sheet empty">
            <h2>"The cluster offers no storage class"</h2>
            <p>"No volume can be made until there is one. Ask an administrator to add a StorageClass."</p>
        </div>
    }
}

fn table(classes: &[StorageClass]) -> impl IntoView + use<> {
    let row = |class: &StorageClass| {
        view! {
            <tr role="row">
                <th scope="row" role="rowheader">
                    <span class="name">{class.name.to_string()}</span>
                    {class.default.then(|| view! { " " <span class="chip">"default"</span> })}
                    {class.description.clone().map(|text| view! { <span class="under wrap">{text}</span> })}
                </th>
                <td role="cell" data-label="Storage is made">
                    {match class.binding {
                        Binding::Immediate => "at once",
                        Binding::WaitForFirstConsumer => "when first used",
                    }}
                </td>
                <td role="cell" data-label="Several nodes at once">{modes(class)}</td>
                <td role="cell" data-label="Can grow">{if class.expandable { "yes" } else { "no" }}</td>
                <td role="cell" class="wrap" data-label="When a volume is deleted">
                    {match class.reclaim {
                        Reclaim::Delete => "its data is destroyed",
                        Reclaim::Retain => "its data is kept aside by the administrators",
                    }}
                </td>
                <td role="cell" class="mono" data-label="Provisioner">{class.provisioner.clone()}</td>
            </tr>
        }
    };
    view! {
        <div class="sheet scroll" tabindex="0" role="region" aria-label="Storage classes">
            <table class="labelled" role="table" aria-label="Storage classes">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Class"</th>
                        <th scope="col" role="columnheader">"Storage is made"</th>
                        <th scope="col" role="columnheader">"Several nodes at once"</th>
                        <th scope="col" role="columnheader">"Can grow"</th>
                        <th scope="col" role="columnheader">"When a volume is deleted"</th>
                        <th scope="col" role="columnheader">"Provisioner"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{classes.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn modes(class: &StorageClass) -> &'static str {
    match class.offers(AccessMode::ReadWriteMany) {
        Offer::Proven => "yes, proven here",
        Offer::Likely => "likely",
        Offer::Unknown => "unknown",
        Offer::No => "no",
    }
}
