//! Which page is at which address, and what surrounds it? Rendered on the server only.

pub mod api;
pub mod document;
pub mod find;
pub mod frame;
pub mod help;
pub mod home;
pub mod message;

use crate::{
    audit::pages::AuditPage,
    persistent_volumes::PersistentVolumesPage,
    secrets::pages::{DeleteSecretPage, NewSecretPage, ReplaceSecretPage, SecretsPage},
    server::Nowhere,
    storage_classes::ClassesPage,
    tasks::{bulk as many_tasks, end, list as tasks, log, manifest as task_manifest, new::NewTaskPage, pages as task, shell},
    tokens::{everybodys::AllTokensPage, pages::TokensPage},
    volumes::{
        adopt, backup, bulk, cleanup, delete, edit, files, filters, grow, list, manifest, new, pages as volumes, publish, restore,
        transfer, trash,
    },
};
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
                <Route path=path!("/volumes") view=list::ListPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/new") view=new::NewPage ssr=SsrMode::Async/>
                // Before the one with an id, which would take them for one.
                <Route path=path!("/volumes/delete") view=bulk::BulkDeletePage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/filters") view=filters::FiltersPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/trash") view=trash::TrashPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/restore") view=restore::RestorePage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id") view=volumes::DetailPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id/files") view=files::FilesPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id/grow") view=grow::GrowPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id/edit") view=edit::EditPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id/cleanup") view=cleanup::CleanupPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id/yaml") view=manifest::YamlPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id/delete") view=delete::DeletePage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id/backup") view=backup::BackupPage ssr=SsrMode::Async/>
                <Route path=path!("/volumes/:id/publish") view=publish::PublishPage ssr=SsrMode::Async/>
                <Route path=path!("/tasks") view=tasks::ListPage ssr=SsrMode::Async/>
                <Route path=path!("/tasks/new") view=NewTaskPage ssr=SsrMode::Async/>
                <Route path=path!("/tasks/stop") view=many_tasks::StopAllPage ssr=SsrMode::Async/>
                <Route path=path!("/tasks/delete") view=many_tasks::DeleteAllPage ssr=SsrMode::Async/>
                <Route path=path!("/tasks/:id") view=task::DetailPage ssr=SsrMode::Async/>
                <Route path=path!("/tasks/:id/logs") view=log::LogPage ssr=SsrMode::Async/>
                <Route path=path!("/tasks/:id/shell") view=shell::ShellPage ssr=SsrMode::Async/>
                <Route path=path!("/tasks/:id/yaml") view=task_manifest::YamlPage ssr=SsrMode::Async/>
                <Route path=path!("/tasks/:id/stop") view=end::StopPage ssr=SsrMode::Async/>
                <Route path=path!("/tasks/:id/resume") view=end::ResumePage ssr=SsrMode::Async/>
                <Route path=path!("/tasks/:id/delete") view=end::DeletePage ssr=SsrMode::Async/>
                <Route path=path!("/secrets") view=SecretsPage ssr=SsrMode::Async/>
                <Route path=path!("/secrets/new") view=NewSecretPage ssr=SsrMode::Async/>
                <Route path=path!("/secrets/:name/replace") view=ReplaceSecretPage ssr=SsrMode::Async/>
                <Route path=path!("/secrets/:name/delete") view=DeleteSecretPage ssr=SsrMode::Async/>
                <Route path=path!("/find") view=find::FindPage ssr=SsrMode::Async/>
                <Route path=path!("/help") view=help::HelpPage ssr=SsrMode::Async/>
                <Route path=path!("/classes") view=ClassesPage ssr=SsrMode::Async/>
                <Route path=path!("/api") view=api::ApiPage ssr=SsrMode::Async/>
                <Route path=path!("/tokens") view=TokensPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/audit") view=AuditPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/tokens") view=AllTokensPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/pvs") view=PersistentVolumesPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/volumes") view=list::AllPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/volumes/delete") view=bulk::AnyBulkDeletePage ssr=SsrMode::Async/>
                <Route path=path!("/admin/volumes/:id") view=volumes::AnyDetailPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/volumes/:id/yaml") view=manifest::AnyYamlPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/volumes/:id/transfer") view=transfer::TransferPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/volumes/:id/delete") view=delete::AnyDeletePage ssr=SsrMode::Async/>
                <Route path=path!("/admin/tasks") view=tasks::AllPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/tasks/stop") view=many_tasks::StopAnybodysPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/tasks/delete") view=many_tasks::DeleteAnybodysPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/tasks/:id") view=task::AnyDetailPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/tasks/:id/logs") view=log::AnyLogPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/tasks/:id/shell") view=shell::AnyShellPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/tasks/:id/yaml") view=task_manifest::AnyYamlPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/tasks/:id/stop") view=end::AnyStopPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/tasks/:id/delete") view=end::AnyDeletePage ssr=SsrMode::Async/>
                <Route path=path!("/admin/trash") view=trash::AnyTrashPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/adopt") view=adopt::AdoptPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
    .into_any()
}
