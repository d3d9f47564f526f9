//! Which page is at which address, and what surrounds it? Rendered on the server only.

pub mod document;
pub mod frame;
pub mod home;
pub mod message;

use crate::{server::Nowhere, storage_classes::ClassesPage, volumes::pages as volumes};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

#[component]
pub fn App() -> impl IntoView {
    leptos_meta::provide_meta_context();
    if use_context::<Nowhere>().is_some() {
        return view! { <message::NotFoundPage/> }.into_any();
    }
    view! {
        <Router>
            <Routes fallback=message::NotFoundPage>
                <Route path=path!("/") view=home::HomePage ssr=SsrMode::Async/>
                <Route path=path!("/volumes") view=volumes::ListPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/new") view=volumes::NewPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id") view=volumes::DetailPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id/delete") view=volumes::DeletePage ssr=SsrMode::Async/>
                <Route path=path!("/classes") view=ClassesPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/volumes") view=volumes::AllPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/volumes/:id") view=volumes::AnyDetailPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
    .into_any()
}
