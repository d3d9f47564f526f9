//! What surrounds a page for a signed-in person: navigation, search, who they are, whether the cluster answers.

use crate::{
    paths, server,
    ui::{icon, shortcuts},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Which entry of the navigation is the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Home,
    Volumes,
    Tasks,
    Secrets,
    Classes,
    Api,
    Tokens,
    Help,
    AllVolumes,
    PersistentVolumes,
    AllTasks,
    Adopt,
    Audit,
    AllTokens,
    None,
}

#[component]
pub fn Frame(#[prop(into)] title: String, section: Section, children: Children) -> impl IntoView {
    let user = server::user().ok();
    let portal = server::portal().ok();
    let is_admin = user.as_ref().is_some_and(|user| user.is_admin());
    let name = user.map(|user| user.name().to_owned()).unwrap_or_default();
    let (site, namespace) = portal.as_ref().map(|p| (p.site.name.clone(), p.cluster.namespace().to_owned())).unwrap_or_default();
    let item = move |at: Section, href: &'static str, silhouette: &'static str, label: &'static str| {
        view! { <a class="item" href=href aria-current=(at == section).then_some("page")>{icon(silhouette)}{label}</a> }
    };
    // Behind the first paint: what is drawn needs the style alone, and on a slow line the program would share the way with it.
    let scripts = use_context::<LeptosOptions>().map(|options| view! { <HydrationScripts options defer=true/> });
    view! {
        <Title text=format!("{title} · Stowage")/>
        {scripts}
        <a class="skip" href="#main">"Skip to the content"</a>
        <div class="frame">
            <nav class="side" aria-label="Main">
                <a class="brand" href=paths::HOME>{brand()} "Stowage"</a>
                {item(Section::Home, paths::HOME, "home", "Home")}
                {item(Section::Volumes, paths::VOLUMES, "vol", "Volumes")}
                {item(Section::Tasks, paths::TASKS, "task", "Tasks")}
                {item(Section::Secrets, paths::SECRETS, "key", "Secrets")}
                {item(Section::Classes, paths::CLASSES, "classes", "Classes")}
                {item(Section::Api, paths::API, "run", "REST API")}
                {item(Section::Tokens, paths::TOKENS, "user", "API tokens")}
                {is_admin.then(|| view! {
                    <h2>"Administration"</h2>
                    {item(Section::AllVolumes, paths::ADMIN_VOLUMES, "admin", "All volumes")}
                    {item(Section::PersistentVolumes, paths::ADMIN_PVS, "classes", "PersistentVolumes")}
                    {item(Section::AllTasks, paths::ADMIN_TASKS, "task", "All tasks")}
                    {item(Section::Adopt, paths::ADMIN_ADOPT, "plus", "Adopt volumes")}
                    {item(Section::Audit, paths::ADMIN_AUDIT, "info", "Audit trail")}
                    {item(Section::AllTokens, paths::ADMIN_TOKENS, "user", "All API tokens")}
                })}
                <div class="foot small quiet">
                    <a href=paths::HELP aria-current=(section == Section::Help).then_some("page")>"What the words mean"</a> <br/>
                    {site} " · " <span class="mono">{namespace}</span>
                </div>
            </nav>
            <header class="top">
                <form class="find" action=paths::FIND role="search" aria-label="Everything">
                    {icon("find")}
                    <input name="q" id="palette" type="search" role="combobox" aria-expanded="false" aria-controls="found" aria-label="Go to, find or do"
                        placeholder="Go to, find or do" autocomplete="off" maxlength="63"/>
                    <kbd aria-hidden="true">"Ctrl K"</kbd>
                    <div class="sheet" id="found" hidden></div>
                </form>
                <div class="who">
                    {shortcuts::sheet(section)}
                    <span class="full">{name.clone()}</span>
                    <span class="avatar" aria-hidden="true">{initials(&name)}</span>
                    <form method="post" action=paths::LOGOUT>
                        <button class="button plain" aria-label="Sign out" title="Sign out">{icon("out")}<span class="full">"Sign out"</span></button>
                    </form>
                </div>
            </header>
            <main class="main" id="main" tabindex="-1" data-now=server::now().to_string()>{children()}</main>
        </div>
    }
}

pub fn brand() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" aria-hidden="true">
            <path d="M3 8.5l9-5 9 5v7l-9 5-9-5z"></path>
            <path d="M3 8.5l9 5 9-5M12 13.5v7"></path>
        </svg>
    }
}

/// The banner over data that may be old, if the cluster does not answer.
pub fn cluster_banner() -> Option<impl IntoView> {
    server::down().map(|sentence| {
        view! { <section class="cause bad" role="status">{icon("warn")}<div><h2>"The cluster does not answer"</h2><p>{sentence}</p></div></section> }
    })
}

fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let ends = match words.as_slice() {
        [] => vec![],
        [only] => vec![*only],
        [first, .., last] => vec![*first, *last],
    };
    ends.iter().filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_the_first_and_the_last_words() {
        for (name, expected) in [("Alice Nguyen", "AN"), ("bob", "B"), ("Ada M. Admin", "AA"), ("", ""), ("é x", "ÉX")] {
            assert_eq!(initials(name), expected);
        }
    }
}
