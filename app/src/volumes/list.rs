//! Which volumes are there, and how are they? The pages of my volumes and of everybody's; what they show is all in the address.

use super::{
    filters, news,
    row::{head, row},
    unreadable,
};
use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, Section, cluster_banner},
        message,
    },
    parts::Follow,
    paths,
    server::{self, Reading},
    ui::{icon, number},
};
use cluster::{AdminCluster, UserCluster};
use domain::{
    filter::SavedFilter,
    listing::{Column, Facet, Listing, Taste, View, arrange},
    quantity::Size,
    volume::Volume,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// What the address asks for, over what the browser remembers.
fn asked(everybody: bool) -> View {
    use_query_map().with_untracked(|query| {
        let pairs: Vec<_> = query.clone().into_iter().collect();
        View::read_over(server::taste(everybody), everybody, pairs.iter().map(|(key, value)| (key.as_ref(), value.as_str())))
    })
}

#[component]
pub fn ListPage() -> impl IntoView {
    let view = asked(false);
    let page = Suspend::new(async move {
        let saved = filters::saved().await;
        let read = server::caller().and_then(|caller| server::reading(caller.changes(), || own(&caller, &view)));
        list(read, &view, Some(saved))
    });
    view! { <Frame title="Volumes" section=Section::Volumes>{page}</Frame> }
}

#[component]
pub fn AllPage() -> impl IntoView {
    let view = asked(true);
    let read = server::admin().and_then(|admin| server::reading(admin.changes(), || everybodys(&admin, &view)));
    view! { <Frame title="All volumes" section=Section::AllVolumes>{unreadable::section()} {list(read, &view, None)}</Frame> }
}

/// What a list shows, and how many are in the trash.
type Listed = (Listing, usize);

fn own(caller: &UserCluster, view: &View) -> Result<Listed, ApiError> {
    let (listed, trashed): (Vec<_>, Vec<_>) = caller.volumes_and_trash()?.into_iter().partition(|volume| volume.trash.is_none());
    Ok((arrange(&listed, view, server::now(), Volume::clone), trashed.len()))
}

fn everybodys(admin: &AdminCluster, view: &View) -> Result<Listed, ApiError> {
    let all = admin.everybody()?;
    Ok((all.arranged(view), all.trashed()))
}

/// `saved` are the person's filters; administrators' lists have none.
type Saved = Option<Result<Vec<SavedFilter>, ApiError>>;

fn list(read: Result<Reading<Listed>, ApiError>, view: &View, saved: Saved) -> AnyView {
    match read {
        Err(error) => message::problem(&error.0),
        Ok(Reading { data: (listing, trashed), revision, now }) => {
            let stream = if view.everybody { paths::LIVE_ALL } else { paths::LIVE };
            view! {
                {heading(&listing, view, trashed)}
                <Follow stream=stream.to_owned() revision/>
                {cluster_banner()}
                {news::of(now)}
                {if listing.total == 0 { nothing_yet(view.everybody).into_any() } else { filled(listing, view, saved, now).into_any() }}
            }
            .into_any()
        }
    }
}

/// `Volumes 37 of 10,000`, and what can be done with them all.
fn heading(listing: &Listing, view: &View, trashed: usize) -> impl IntoView + use<> {
    let trash = if view.everybody { paths::ADMIN_TRASH } else { paths::TRASH };
    let title = if view.everybody { "All volumes" } else { "Volumes" };
    let count = if listing.filter.is_empty() {
        number(listing.total)
    } else {
        format!("{} of {}", number(listing.matching), number(listing.total))
    };
    view! {
        <div class="head">
            <h1>{title} " " <span class="quiet light" id="count" role="status">{count}</span></h1>
            <div class="push">
                {(trashed > 0).then(|| view! { <a class="button" href=trash>"Trash " <span class="quiet">{number(trashed)}</span></a> })}
                {(!view.everybody).then(|| view! { <a class="button first" href=paths::NEW_VOLUME>{icon("plus")}"New volume"</a> })}
            </div>
        </div>
    }
}

fn filled(listing: Listing, view: &View, saved: Saved, now: i64) -> impl IntoView + use<> {
    let refused =
        listing.filter.refused.iter().map(|sentence| view! { <p class="hint">{icon("info")} " " {sentence.clone()}</p> }).collect_view();
    view! {
        {saved.map(|saved| filters::bar(&saved, &listing, view))}
        {filter(&listing, view)}
        <div id="refused" role="status">{refused}</div>
        {facets(&listing, view)}
        {if listing.matching == 0 { nothing_matches(view).into_any() } else { table(listing, view, now).into_any() }}
    }
}

/// Where a view is.
fn href(view: &View) -> String {
    paths::with_query(if view.everybody { paths::ADMIN_VOLUMES } else { paths::VOLUMES }, &view.pairs())
}

/// So many of each kind are offered, the most common first; the filter knows them all.
const WORDS: usize = 50;

/// The settled terms, and a field for the next. The browser completes from the words of the data (`datalist`).
fn filter(listing: &Listing, view: &View) -> impl IntoView + use<> {
    let settled = domain::filter::Filter::read(&view.q, view.everybody);
    let tokens = settled
        .terms
        .iter()
        .map(|term| {
            let without = View { q: settled.without(term).to_string(), page: 1, ..view.clone() };
            view! {
                <span class="token">
                    <span class="clip">{term.to_string()}</span>
                    <a href=href(&without) data-turn="" aria-label=format!("Remove the filter {term}")>"×"</a>
                </span>
            }
        })
        .collect_view();
    let known = |facets: &[Facet]| facets.iter().take(WORDS).map(|facet| (facet.term.to_string(), facet.count)).collect::<Vec<_>>();
    let mut words = known(&listing.statuses);
    words.extend(known(&listing.classes));
    words.extend(known(&listing.labels));
    words.extend(known(&listing.owners));
    let words = words.into_iter().map(|(term, count)| view! { <option value=term>{number(count)}</option> }).collect_view();
    let hints = domain::filter::PROPERTIES
        .iter()
        .filter(|(name, _)| view.everybody || *name != "owner")
        .map(|(_, hint)| view! { <option value=*hint>"for example"</option> })
        .collect_view();
    let rest = view.pairs().into_iter().filter(|(key, _)| !["q", "find", "page"].contains(key));
    let action = if view.everybody { paths::ADMIN_VOLUMES } else { paths::VOLUMES };
    view! {
        <form class="filter" action=action role="search" aria-label="Filter" data-turn="">
            {icon("find")}
            <span class="tokens" id="tokens">
                <input type="hidden" name="q" value=view.q.clone()/>
                {rest.map(|(key, value)| view! { <input type="hidden" name=key value=value/> }).collect_view()}
                {tokens}
            </span>
            <input id="filter" name="find" type="search" value=view.find.clone() aria-label="Filter the volumes" list="filter-words"
                placeholder="Filter by name, status, class, size, use, age" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="200"/>
            <datalist id="filter-words">{words}{hints}</datalist>
            <kbd aria-hidden="true">"/"</kbd>
            <button class="button">"Filter"</button>
        </form>
    }
}

/// So many labels are a click away; the filter knows them all.
const LABELS: usize = 8;

/// What the listed volumes have in common: each a click away.
fn facets(listing: &Listing, view: &View) -> impl IntoView + use<> {
    let link = |id: String, facet: &Facet, label: String, detail: String| {
        let on = listing.filter.has(&facet.term);
        let to = if on { listing.filter.without(&facet.term) } else { listing.filter.and(facet.term.clone()) };
        view! {
            <a id=id href=href(&view.filtered(&to)) data-turn="" aria-current=on.then_some("true") title=detail><b>{number(facet.count)}</b> " " {label}</a>
        }
    };
    let statuses =
        listing.statuses.iter().map(|f| link(format!("s-{}", f.label), f, f.label.to_lowercase(), f.term.to_string())).collect_view();
    let labels =
        listing.labels.iter().take(LABELS).map(|f| link(format!("l-{}", f.label), f, f.label.clone(), f.term.to_string())).collect_view();
    let unused = Facet { label: "in no use".into(), term: domain::filter::Term::unused(), count: listing.unused, bytes: 0 };
    let unused = (listing.unused > 0).then(|| link("s-unused".into(), &unused, unused.label.clone(), unused.term.to_string()));
    let sums = |kind: &'static str, facets: &[Facet]| {
        facets
            .iter()
            .take(12)
            .map(|f| link(format!("{kind}-{}", f.label), f, f.label.clone(), format!("{kind} {}", f.label)))
            .zip(facets.iter().map(|f| Size::from_bytes(f.bytes).rounded()))
            .map(|(link, bytes)| view! { <li>{link} <span class="quiet">{bytes}</span></li> })
            .collect_view()
    };
    let detail = view.everybody.then(|| {
        view! {
            <details class="sums" id="sums">
                <summary>"By owner and class"</summary>
                <div class="row top-aligned">
                    <section><h2>"Owners"</h2><ul>{sums("owner", &listing.owners)}</ul></section>
                    <section><h2>"Classes"</h2><ul>{sums("class", &listing.classes)}</ul></section>
                </div>
            </details>
        }
    });
    let left = server::caller().ok().and_then(|caller| caller.quota().ok()?).and_then(|quota| quota.for_all().in_words());
    view! {
        <nav class="facets" aria-label="Narrow the list">
            {statuses} {unused} {labels}
            <span class="push">{Size::from_bytes(listing.bytes).rounded()} " in all" {left.map(|left| format!(", {left} of the quota"))}</span>
        </nav>
        {detail}
    }
}

fn table(listing: Listing, view: &View, now: i64) -> impl IntoView + use<> {
    let everybody = view.everybody;
    let columns = view.columns.clone();
    let heads = columns.iter().map(|column| head(*column, view, &href(&view.sorted(*column)))).collect_view();
    let class = if view.compact { "cards compact" } else { "cards" };
    let more = listing.matching > listing.rows.len();
    let matching = number(listing.matching);
    let filter = listing.filter.to_string();
    let footer = pager(&listing, view);
    let rows = listing.rows.into_iter().map(|volume| row(volume, &columns, everybody, now)).collect_view();
    let action = if everybody { paths::ADMIN_DELETE_VOLUMES } else { paths::DELETE_VOLUMES };
    view! {
        <form class="sheet" action=action id="rows" aria-label="Volumes">
            <p class="news" data-keep=""><button type="button" class="button" data-news="" hidden></button></p>
            // The roles are written out: as cards on narrow screens the elements would lose theirs.
            <div class="scroll" tabindex="0" role="region" aria-label="Volumes">
                <table class=class role="table" aria-label="Volumes">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th scope="col" role="columnheader" class="box"><input type="checkbox" data-choose-all="" aria-label="Choose all on this page"/></th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody role="rowgroup" data-rows="">{rows}</tbody>
                </table>
            </div>
            <div class="bulk" role="group" aria-label="Chosen volumes">
                <span><b data-chosen="" data-keep="">"Some"</b> " chosen"</span>
                {more.then(|| view! {
                    <label class="check"><input type="checkbox" name="all" value="yes"/> "all " {matching} " that match"</label>
                    <input type="hidden" name="q" value=filter/>
                })}
                <button class="button danger">"Delete…"</button>
            </div>
        </form>
        {footer}
    }
}

/// Which page this is, and how the list is looked at.
fn pager(listing: &Listing, view: &View) -> impl IntoView + use<> {
    let first = (listing.page - 1) * view.per_page + 1;
    let last = first + listing.rows.len() - 1;
    let step = |to: usize, label: &'static str, words: &'static str| {
        let there = to >= 1 && to <= listing.pages;
        match there {
            true => {
                view! { <a class="button" href=href(&view.at(to)) data-turn="" rel=words aria-label=format!("{label} page")>{label}</a> }
                    .into_any()
            }
            false => view! { <span class="button" aria-disabled="true">{label}</span> }.into_any(),
        }
    };
    let boxes = view
        .choices()
        .into_iter()
        .filter(|column| *column != Column::Name)
        .map(|column| {
            view! { <label class="check"><input type="checkbox" name="columns" value=column.word() checked=view.shows(column)/> {column.title()}</label> }
        })
        .collect_view();
    let sizes = Taste::PER_PAGE.map(|n| view! { <option value=n.to_string() selected=n == view.per_page>{n} " per page"</option> });
    let kept = view.pairs().into_iter().filter(|(key, _)| ["q", "find", "sort"].contains(key));
    let detailed = View { columns: view.choices(), ..view.clone() };
    let (action, remember) =
        if view.everybody { (paths::ADMIN_VOLUMES, paths::ADMIN_VOLUMES_VIEW) } else { (paths::VOLUMES, paths::VOLUMES_VIEW) };
    let export = |format: &str| {
        let mut pairs = View { page: 1, ..view.clone() }.pairs();
        pairs.push(("format", format.to_owned()));
        paths::with_query(&format!("{action}/download"), &pairs)
    };
    view! {
        <div class="pager">
            <span id="shown">{number(first)} " to " {number(last)} " of " {number(listing.matching)}</span>
            {(listing.pages > 1).then(|| view! { <nav class="row" aria-label="Pages">{step(listing.page - 1, "Previous", "prev")} {step(listing.page + 1, "Next", "next")}</nav> })}
            <details class="menu push" id="view">
                <summary class="button">"View"</summary>
                // A post, since the browser is told to remember it.
                <form class="sheet card" method="post" action=remember data-turn="" aria-label="View">
                    {kept.map(|(key, value)| view! { <input type="hidden" name=key value=value/> }).collect_view()}
                    // Without any box, the name is left.
                    <input type="hidden" name="columns" value=Column::Name.word()/>
                    <fieldset><legend>"Columns"</legend>{boxes}</fieldset>
                    <select class="text" name="per" aria-label="Rows per page">{sizes}</select>
                    <select class="text" name="density" aria-label="Density">
                        <option value="comfortable" selected=!view.compact>"Comfortable"</option>
                        <option value="compact" selected=view.compact>"Compact"</option>
                    </select>
                    <div class="row">
                        <button class="button">"Apply"</button>
                        <a class="button plain" href=href(&detailed) data-turn="">"All details"</a>
                    </div>
                </form>
            </details>
            <details class="menu" id="download">
                <summary class="button">"Download"</summary>
                <div class="sheet card">
                    <a class="button plain" href=export("json") download="">"JSON"</a>
                    <a class="button plain" href=export("csv") download="">"CSV"</a>
                </div>
            </details>
        </div>
    }
}

fn nothing_matches(view: &View) -> impl IntoView + use<> {
    let all = View { q: String::new(), find: String::new(), page: 1, ..view.clone() };
    view! {
        <div class="sheet empty" id="nothing">
            {icon("find")}
            <h2>"No volume matches"</h2>
            <p>"None of them fits every part of the filter. Take a part away, or start anew."</p>
            <a class="button first" href=href(&all) data-turn="">"Show all"</a>
        </div>
    }
}

fn nothing_yet(everybody: bool) -> impl IntoView {
    let (heading, sentence, label) = if everybody {
        ("Nobody has a volume yet", "When people create volumes, all of them appear here with their owners.", "Create a volume of your own")
    } else {
        (
            "No volumes yet",
            "A volume keeps data when tasks end: training data, checkpoints, results. Make one, then use it in a task.",
            "Create your first volume",
        )
    };
    view! {
        <div class="sheet empty" id="nothing">
            {icon("vol")}
            <h2>{heading}</h2>
            <p>{sentence}</p>
            <div class="row">
                <a class="button first" href=paths::NEW_VOLUME>{label}</a>
                <a class="button" href=paths::HELP>"What the words mean"</a>
            </div>
        </div>
    }
}
