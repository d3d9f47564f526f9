//! What is around every page: the HTML document.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

pub fn document(options: LeptosOptions, head: impl IntoView, body: impl IntoView) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HashedStylesheet options/>
                {head}
            </head>
            <body>{body}</body>
        </html>
    }
}

/// The document around the routed pages.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    provide_context(options.clone());
    let head = view! { <AutoReload options=options.clone()/> <MetaTags/> };
    document(options, head, view! { <super::App/> })
}
