//! What shall the new token be? A plain form.

use domain::{
    problem::Problem,
    token::{NAME_MAX, Scope, TokenForm},
};
use leptos::prelude::*;

/// How long a token may live, in the order in which people choose.
const LIVES: [(u16, &str); 5] = [(7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "1 year")];

/// `problem` is why the post before was refused, if this is not the first time that the form is shown.
pub fn new_token(form: &TokenForm, problem: Option<&Problem>, is_admin: bool) -> AnyView {
    let error = |field: &str| problem.and_then(|problem| problem.fields.get(field));
    let days = form.days.clone();
    let lives =
        LIVES.map(|(number, words)| view! { <option value=number.to_string() selected=days == number.to_string()>{words}</option> });
    let scope = |scope: Scope| {
        view! {
            <label>
                <input type="checkbox" name=scope.field() value="on" checked=form.grants(scope)/>
                <span>{scope.in_words()}</span>
                <small class="mono">{scope.as_str()}</small>
            </label>
        }
    };
    let offered = Scope::ALL.into_iter().filter(|scope| is_admin || *scope != Scope::Admin);
    view! {
        <form class="sheet card" method="post" novalidate>
            <header><h2>"New token"</h2></header>
            <div class="field">
                <label for="name">"Name"</label>
                <input class="text" id="name" name="name" value=form.name.clone() required maxlength=NAME_MAX.to_string() autocomplete="off"
                    aria-describedby="name-hint name-error" aria-invalid=error("name").is_some().then_some("true") autofocus=error("name").is_some()/>
                <span class="hint" id="name-hint">"What will use it, for example " <code>"nightly backup"</code> "."</span>
                {slot("name-error", error("name"))}
            </div>
            <fieldset class="field" aria-describedby="scopes-error">
                <legend>"What may it do?"</legend>
                <div class="pick">{offered.map(scope).collect_view()}</div>
                {slot("scopes-error", error("scopes"))}
            </fieldset>
            <div class="field">
                <label for="days">"For how long?"</label>
                <select class="text short" id="days" name="days" aria-describedby="days-error">{lives}</select>
                {slot("days-error", error("days"))}
            </div>
            <button class="button first">"Make token"</button>
        </form>
    }
    .into_any()
}

/// The place for a field's sentence.
fn slot(id: &'static str, sentence: Option<&str>) -> impl IntoView + use<> {
    let sentence = sentence.map(str::to_owned);
    view! { <div id=id class="error" aria-live="polite">{sentence}</div> }
}
