//! Who did what? The trail for administrators, the newest first.

use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, Section},
        message,
    },
    paths, server,
    ui::time::age,
};
use domain::audit::{PORTAL, Verb};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use records::{Audit, Filter, Line};

#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let text = |name: &str| query.get(name).unwrap_or_default();
    let filter = Filter { person: text("person"), verb: text("verb").parse().ok(), object: text("volume") };
    let before = text("before").parse().ok();
    let page = Suspend::new(async move {
        match read(&filter, before).await {
            Err(error) => message::problem(&error.0),
            Ok((lines, next)) => view! {
                <div class="head"><h1>"Audit trail"</h1></div>
                <p class="lead">"Every change that people make through the portal, by its pages or by tokens, and what they were refused. Reading is not recorded."</p>
                {form(&filter)}
                {if lines.is_empty() { none(&filter).into_any() } else { table(&lines).into_any() }}
                <div class="row">
                    {before.is_some().then(|| view! { <a class="button" href=address(&filter, None)>"Newest"</a> })}
                    {next.map(|next| view! { <a class="button" href=address(&filter, Some(next))>"Older"</a> })}
                </div>
            }
            .into_any(),
        }
    });
    view! { <Frame title="Audit trail" section=Section::Audit>{page}</Frame> }
}

async fn read(filter: &Filter, before: Option<i64>) -> Result<(Vec<Line>, Option<i64>), ApiError> {
    // The role first: whoever lacks it learns nothing of the trail.
    server::admin()?;
    let audit: Audit = server::portal()?.records.audit();
    Ok(audit.page(filter, before).await?)
}

/// This page with this filter; empty fields are left out, so that addresses stay short.
fn address(filter: &Filter, before: Option<i64>) -> String {
    let before = before.map(|id| id.to_string()).unwrap_or_default();
    let verb = filter.verb.map(Verb::as_str).unwrap_or_default();
    let fields = [("person", filter.person.as_str()), ("verb", verb), ("volume", &filter.object), ("before", &before)];
    let filled: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    paths::with_query(paths::ADMIN_AUDIT, &filled)
}

fn form(filter: &Filter) -> impl IntoView + use<> {
    let chosen = filter.verb;
    let verbs = Verb::ALL.map(|verb| view! { <option value=verb.as_str() selected=chosen == Some(verb)>{verb.in_words()}</option> });
    view! {
        <form class="sheet card" role="search" aria-label="Audit trail">
            <div class="row asks">
                <input class="text" name="person" type="search" value=filter.person.clone() aria-label="Person" placeholder="Person" autocomplete="off" maxlength="255"/>
                <select class="text" name="verb" aria-label="Act"><option value="">"Every act"</option>{verbs}</select>
                <input class="text" name="volume" type="search" value=filter.object.clone() aria-label="Name or id" placeholder="Name or id" autocomplete="off" maxlength="64"/>
                <button class="button">"Filter"</button>
            </div>
        </form>
    }
}

fn none(filter: &Filter) -> impl IntoView {
    let narrowed = *filter != Filter::default();
    let (heading, sentence) = if narrowed {
        ("Nothing matches", "No act on record matches this filter.")
    } else {
        ("Nothing has happened yet", "When somebody makes or deletes a volume or a token, it is on record here.")
    };
    view! {
        <div class="sheet empty">
            <h2>{heading}</h2>
            <p>{sentence}</p>
            {narrowed.then(|| view! { <a class="button first" href=paths::ADMIN_AUDIT>"Show all"</a> })}
        </div>
    }
}

fn through(line: &Line) -> String {
    match &line.token {
        Some(token) => format!("token {token}"),
        None if line.issuer == PORTAL => "nobody: by itself".to_owned(),
        None => "a page".to_owned(),
    }
}

fn table(lines: &[Line]) -> impl IntoView + use<> {
    let now = server::now();
    let row = |line: &Line| {
        let verb = line.verb.parse::<Verb>().map_or_else(|()| line.verb.clone(), |verb| verb.in_words().to_owned());
        let former = (!line.owner_name.is_empty() && line.owner_name != line.username).then(|| format!("of {}", line.owner_name));
        let new = line.new_owner_name.as_ref().map(|name| format!("to {name}"));
        let others = [former, new].into_iter().flatten().collect::<Vec<_>>().join(", ");
        view! {
            <tr role="row">
                <th scope="row" role="rowheader">{age(line.at, now)} " ago"</th>
                <td role="cell" data-label="Person" title=format!("{} at {}", line.subject, line.issuer)>{line.username.clone()}</td>
                <td role="cell" data-label="Act">{verb}</td>
                <td role="cell" data-label="On" class="wrap">
                    {line.object_name.clone()} " " <span class="mono quiet">{line.object_id.clone()}</span>
                    {(!others.is_empty()).then(|| view! { <span class="under">{others}</span> })}
                </td>
                <td role="cell" data-label="Outcome">
                    {line.outcome.clone()}
                    {(line.times > 1).then(|| view! { <span class="under">{format!("and {} more like it within the hour", line.times - 1)}</span> })}
                </td>
                <td role="cell" data-label="Through">{through(line)}</td>
                <td role="cell" class="mono quiet" data-label="Reference">{line.request_id.clone()}</td>
            </tr>
        }
    };
    view! {
        <div class="sheet scroll" tabindex="0" role="region" aria-label="Audit trail">
            <table class="labelled" role="table" aria-label="Audit trail">
                <thead role="rowgroup">
                    <tr role="row">
                        {["When", "Person", "Act", "On", "Outcome", "Through", "Reference"]
                            .map(|head| view! { <th scope="col" role="columnheader">{head}</th> })}
                    </tr>
                </thead>
                <tbody role="rowgroup">{lines.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
