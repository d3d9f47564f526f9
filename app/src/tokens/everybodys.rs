//! Which programs act in anybody's name? For administrators, who can end each.

use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, Section},
        message,
    },
    paths,
    server::{self, Refused},
    ui::{icon, time::age},
};
use domain::{problem::Problem, text, token::Scope};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use records::{Bearer, Tokens};

#[component]
pub fn AllTokensPage() -> impl IntoView {
    let person = use_query_map().with_untracked(|query| query.get("person")).unwrap_or_default();
    let refused = use_context::<Refused<()>>().map(|refused| refused.problem);
    let page = Suspend::new(async move {
        match read(&person).await {
            Err(error) => message::problem(&error.0),
            Ok((held, more)) => page(&person, &held, more, refused),
        }
    });
    view! { <Frame title="All API tokens" section=Section::AllTokens>{page}</Frame> }
}

async fn read(person: &str) -> Result<(Vec<Bearer>, bool), ApiError> {
    // The role first: whoever lacks it learns nothing of the tokens.
    server::admin()?;
    Ok(server::portal()?.records.tokens().everybodys(person).await?)
}

fn page(person: &str, held: &[Bearer], more: bool, refused: Option<Problem>) -> AnyView {
    let refused = refused.map(|problem| {
        server::set_status(problem.code);
        view! { <section class="cause bad" role="alert">{icon("failed")}<div><h2>"Nothing was changed"</h2><p>{problem.message}</p></div></section> }
    });
    view! {
        <div class="head"><h1>"All API tokens"</h1></div>
        <p class="lead">"Programs that act in people's names. A token that you revoke stops at once; its owner can make another, so end the person's access at the identity provider too if that is what you mean."</p>
        {refused}
        <form class="sheet card" role="search" aria-label="All API tokens">
            <div class="row asks">
                <input class="text" name="person" type="search" value=person.to_owned() aria-label="Person" placeholder="Person" autocomplete="off" maxlength="255"/>
                <button class="button">"Filter"</button>
            </div>
        </form>
        {more.then(|| view! {
            <section class="cause wait">{icon("warn")}<div><p>{format!("The newest {} are shown. Filter by person to see others.", Tokens::PAGE)}</p></div></section>
        })}
        {if held.is_empty() { none(person).into_any() } else { table(held).into_any() }}
    }
    .into_any()
}

fn none(person: &str) -> impl IntoView + use<> {
    let sentence = if person.trim().is_empty() { "Nobody has a token." } else { "Nobody of this name has a token." };
    let all = (!person.trim().is_empty()).then(|| view! { <a class="button first" href=paths::ADMIN_TOKENS>"Show all"</a> });
    view! { <div class="sheet empty"><h2>"No tokens"</h2><p>{sentence}</p>{all}</div> }
}

fn table(held: &[Bearer]) -> impl IntoView + use<> {
    let now = server::now();
    let row = |Bearer { token, person }: &Bearer| {
        let label = format!("Revoke {} of {}", token.name, person.username);
        view! {
            <tr role="row">
                <th scope="row" role="rowheader" class="wrap">{token.name.clone()}</th>
                <td role="cell" class="wrap" data-label="Person">
                    {person.username.clone()} <span class="under mono">{format!("{} at {}", person.principal.subject(), person.principal.issuer())}</span>
                </td>
                <td role="cell" class="mono wrap" data-label="May">{token.scopes.iter().copied().map(Scope::as_str).collect::<Vec<_>>().join(" ")}</td>
                <td role="cell" data-label="Signed in">{age(person.seen, now)} " ago"</td>
                <td role="cell" data-label="Expires">
                    <time datetime=text::machine_date(token.expires)>{text::date(token.expires)}</time>
                    {(token.expires <= now).then(|| view! { " " <span class="chip">"expired"</span> })}
                </td>
                <td role="cell" data-label="Last used">
                    {match token.used {
                        Some(used) => view! { {age(used, now)} " ago" }.into_any(),
                        None => view! { <span class="quiet">"never"</span> }.into_any(),
                    }}
                </td>
                <td role="cell">
                    <form method="post" action=paths::admin_revoke_token(&token.id)>
                        <button class="button danger" aria-label=label>"Revoke"</button>
                    </form>
                </td>
            </tr>
        }
    };
    view! {
        <div class="sheet scroll" tabindex="0" role="region" aria-label="All API tokens">
            <table class="labelled" role="table" aria-label="All API tokens">
                <thead role="rowgroup">
                    <tr role="row">
                        {["Name", "Person", "May", "Signed in", "Expires", "Last used", "Act"]
                            .map(|head| view! { <th scope="col" role="columnheader">{head}</th> })}
                    </tr>
                </thead>
                <tbody role="rowgroup">{held.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
