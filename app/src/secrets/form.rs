//! What shall be in the Secret? A plain form. No value is ever in it when it is shown.

use crate::{paths, ui::icon};
use domain::{
    name::SecretName,
    problem::Problem,
    secret::{MOST_KEYS, SecretForm},
};
use leptos::prelude::*;

/// Lines that are empty and can be filled in.
const SPARE: usize = 3;

/// What the form is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    New,
    NewValues,
}

/// `problem` is why the post before was refused, if this is not the first time that the form is shown. `keys` are offered to begin with.
pub fn secret_form(what: For, form: &SecretForm, keys: &[String], problem: Option<&Problem>) -> AnyView {
    let error = |field: &str| problem.and_then(|problem| problem.fields.get(field)).map(str::to_owned);
    let mut known: Vec<String> = form.rows.iter().map(|row| row.key.clone()).collect();
    if problem.is_none() {
        known.extend(keys.iter().cloned());
    }
    let rows = (known.len() + SPARE).min(MOST_KEYS);
    let rows = (0..rows).map(|place| row(place, known.get(place).cloned().unwrap_or_default())).collect_view();
    let (values, names) = (error("values"), error("name"));
    let invalid = values.is_some().then_some("true");
    let name = (what == For::New).then(|| {
        view! {
            <div class="field">
                <label for="name">"Name"</label>
                <input class="text" id="name" name="name" value=form.name.clone() required maxlength=SecretName::LONGEST.to_string() autocomplete="off"
                    autocapitalize="off" spellcheck="false" aria-describedby="name-hint name-error" aria-invalid=names.is_some().then_some("true")
                    autofocus=names.is_some()/>
                <span class="hint" id="name-hint">"Small letters, digits and -, for example " <code>"s3"</code> " or " <code>"hugging-face"</code> "."</span>
                <div id="name-error" class="error" aria-live="polite">{names.clone()}</div>
            </div>
        }
    });
    let button = if what == For::New { "Put it in" } else { "Replace the values" };
    view! {
        {problem.map(refused)}
        <form class="sheet card" method="post" novalidate autocomplete="off">
            <header><h2>{if what == For::New { "New Secret" } else { "New values" }}</h2></header>
            <input type="hidden" name="uid" value=form.uid.clone()/>
            {name}
            <fieldset class="field" aria-describedby="values-hint values-error">
                <legend>"Keys and values"</legend>
                <span class="hint" id="values-hint">
                    "A key is called like a variable: " <code>"ACCESS_KEY"</code> ". A value is never shown again, to nobody: keep it elsewhere as well. "
                    {(what == For::NewValues).then_some("All of them are replaced: enter every value anew, and empty the key of one that shall be gone.")}
                </span>
                {rows}
                <div id="values-error" class="error" aria-live="polite">{values}</div>
            </fieldset>
            <details class="field" open=invalid.is_some() && form.rows.is_empty()>
                <summary>"Or paste lines"</summary>
                <label for="lines">"NAME=value on each line, as in a file .env"</label>
                <textarea class="text mono" id="lines" name="lines" rows="5" autocomplete="off" autocapitalize="off" spellcheck="false"
                    aria-describedby="lines-hint values-error" aria-invalid=invalid></textarea>
                <span class="hint" id="lines-hint">"A value of several lines, such as a key file, stands in double quotes. What is pasted can be read on the screen until it is sent."</span>
            </details>
            <div class="row">
                <button class="button first">{button}</button>
                <a class="button" href=paths::SECRETS>"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}

/// What was typed is not sent back, so it has to be typed again.
fn refused(problem: &Problem) -> impl IntoView + use<> {
    let general = problem.fields.is_empty().then(|| problem.message.clone());
    view! {
        <section class="cause bad" id="refused" role="alert" tabindex="-1" autofocus>
            {icon("failed")}
            <div>
                <h2>"Nothing was stored"</h2>
                <p>{general} " The values that you entered were not kept either: enter them again."</p>
            </div>
        </section>
    }
}

fn row(place: usize, key: String) -> impl IntoView {
    view! {
        <div class="row asks" role="group" aria-label=format!("Key {}", place + 1)>
            <input class="text mono" name=format!("key{place}") value=key placeholder="KEY" aria-label="Key" autocomplete="off" autocapitalize="off" spellcheck="false"/>
            <input class="text mono" type="password" name=format!("value{place}") placeholder="Value" aria-label="Value" autocomplete="new-password"/>
        </div>
    }
}
