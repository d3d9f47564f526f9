//! Which programs act in my name? The list, a new token, and its secret on the one answer that has it.

use super::{actions::Made, form::new_token};
use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, Section},
        message,
    },
    paths,
    server::{self, Refused},
    ui::{copy::CopyButton, icon, time::age},
};
use cluster::User;
use domain::{
    text,
    token::{Token, TokenForm},
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn TokensPage() -> impl IntoView {
    let (made, refused) = (use_context::<Made>(), use_context::<Refused<TokenForm>>());
    let page = Suspend::new(async move {
        match read().await {
            Err(error) => message::problem(&error.0),
            Ok((user, tokens)) => page(&user, &tokens, made, refused),
        }
    });
    view! { <Frame title="API tokens" section=Section::Tokens>{page}</Frame> }
}

async fn read() -> Result<(User, Vec<Token>), ApiError> {
    let user = server::user()?;
    let tokens = server::portal()?.records.tokens().of(user.key()).await?;
    Ok((user, tokens))
}

fn page(user: &User, tokens: &[Token], made: Option<Made>, refused: Option<Refused<TokenForm>>) -> AnyView {
    let (form, problem) = refused.map_or_else(|| (TokenForm::blank(), None), |refused| (refused.form, Some(refused.problem)));
    let general = problem.as_ref().filter(|problem| problem.fields.is_empty()).map(|problem| problem.message.clone());
    let mark = problem.as_ref().map(|problem| {
        server::set_status(problem.code);
        view! { <Title text="Error: API tokens · Stowage"/> }
    });
    view! {
        {mark}
        <div class="head"><h1>"API tokens"</h1></div>
        <p class="lead">"A token lets a program of yours use the " <a href=paths::API>"REST API"</a> " in your name. It works until it expires or you revoke it, also while you are signed out. When you have not signed in for a long time it rests until you do."</p>
        {general.map(|text| view! { <section class="cause bad" role="alert">{icon("failed")}<div><h2>"Nothing was changed"</h2><p>{text}</p></div></section> })}
        {made.map(secret)}
        {if tokens.is_empty() {
            view! { <div class="sheet empty"><h2>"No tokens yet"</h2><p>"Make one below when a script or a notebook needs to reach your volumes."</p></div> }.into_any()
        } else {
            table(tokens).into_any()
        }}
        <div class="narrow">{new_token(&form, problem.as_ref(), user.is_admin())}</div>
    }
    .into_any()
}

/// The only time that the secret is shown.
fn secret(made: Made) -> impl IntoView {
    let url = server::portal().map(|portal| portal.site.url).unwrap_or_default();
    let text = made.secret.reveal().to_owned();
    let curl = format!("curl -H \"Authorization: Bearer {text}\" {url}{}", paths::API_VOLUMES);
    view! {
        <section class="cause good" role="status">
            {icon("ready")}
            <div>
                <h2>"Token “" {made.token.name} "” was made"</h2>
                <p>"Copy it now: it is not shown again. Whoever has it can act in your name, so keep it as you keep a password."</p>
                <pre tabindex="0" class="secret" id="secret">{text.clone()}</pre>
                <p><CopyButton text=text/></p>
                <p>"Try it:"</p>
                <pre tabindex="0">{curl}</pre>
            </div>
        </section>
    }
}

fn table(tokens: &[Token]) -> impl IntoView + use<> {
    let now = server::now();
    let row = |token: &Token| {
        let name = token.name.clone();
        view! {
            <tr role="row">
                <th scope="row" role="rowheader" class="wrap">{name.clone()}</th>
                <td role="cell" class="mono wrap" data-label="May">{token.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")}</td>
                <td role="cell" data-label="Made">{age(token.created, now)} " ago"</td>
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
                    <form method="post" action=paths::revoke_token(&token.id)>
                        <button class="button danger" aria-label=format!("Revoke {name}")>"Revoke"</button>
                    </form>
                </td>
            </tr>
        }
    };
    view! {
        <div class="sheet scroll" tabindex="0" role="region" aria-label="API tokens">
            <table class="labelled" role="table" aria-label="API tokens">
                <thead role="rowgroup">
                    <tr role="row">
                        {["Name", "May", "Made", "Expires", "Last used", "Act"].map(|head| view! { <th scope="col" role="columnheader">{head}</th> })}
                    </tr>
                </thead>
                <tbody role="rowgroup">{tokens.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
