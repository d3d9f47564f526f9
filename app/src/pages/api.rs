//! How does a program use the portal? The address, the calls, and where tokens come from.

use super::frame::{Frame, Section};
use crate::{paths, server};
use leptos::prelude::*;

#[component]
pub fn ApiPage() -> impl IntoView {
    let is_admin = server::user().is_ok_and(|user| user.is_admin());
    let portal = server::portal().ok();
    let namespace = portal.as_ref().map(|portal| portal.cluster.namespace().to_owned()).unwrap_or_default();
    let base = portal.map(|portal| portal.site.url).unwrap_or_default();
    let calls = calls(&base, is_admin)
        .into_iter()
        .map(|(heading, sentence, example)| view! { <section class="sheet card"><header><h2>{heading}</h2></header><p>{sentence}</p><pre tabindex="0">{example}</pre></section> })
        .collect_view();
    view! {
        <Frame title="REST API" section=Section::Api>
            <div class="head">
                <h1>"REST API"</h1>
                <div class="push"><a class="button first" href=paths::TOKENS>"API tokens"</a></div>
            </div>
            <p class="lead">
                "Programs use the portal at " <code>{format!("{base}{}", paths::API)}</code> ". They see and do what you may, as far as their token allows."
            </p>
            <p>
                "This portal works in one namespace, " <code>{namespace.clone()}</code> ": every call is about volumes there. A volume of another namespace is out of reach, also by its name or id, and a task elsewhere cannot mount one of these; ask for a portal of that namespace, or use " <code>"kubectl -n"</code> "."
            </p>
            <section class="sheet card">
                <header><h2>"Begin"</h2></header>
                <ol>
                    <li><a href=paths::TOKENS>"Make a token"</a> " and put it into the environment: " <code>"export STOWAGE_TOKEN=stw_…"</code></li>
                    <li>"Send it with each call, as in the examples below."</li>
                    <li>"For clients that are generated, and for all fields: " <a href=paths::OPENAPI>"the OpenAPI description"</a> "."</li>
                </ol>
            </section>
            {calls}
            <section class="sheet card">
                <header><h2>"When something is refused"</h2></header>
                <p>
                    "The answer has a status, a stable " <code>"code"</code> ", a " <code>"message"</code> " that says what happened and what to do, a sentence per field in "
                    <code>"fields"</code> ", and the " <code>"request_id"</code> " to quote. 401 means that the token does not work, 403 that it lacks a scope, 404 that there is no such volume or task of yours, 429 that "
                    <code>"Retry-After"</code> " says when to come back."
                </p>
            </section>
        </Frame>
    }
}

type Call = (&'static str, &'static str, String);

fn calls(base: &str, is_admin: bool) -> Vec<Call> {
    let bearer = "-H \"Authorization: Bearer $STOWAGE_TOKEN\"";
    let (create, volumes, tasks) = (paths::API_CREATE_VOLUME, paths::API_VOLUMES, paths::API_TASKS);
    let mut calls = vec![
        (
            "Make a volume",
            "A name and a size suffice; storage_class, access_modes, description, mount_path and labels, such as {\"stage\": \"prod\"}, are as in the form. With if_absent, a volume of \
             this name that is as asked for is answered instead. With an Idempotency-Key, a call that is sent again makes nothing twice.",
            format!(
                "curl -X POST {bearer} \\\n  -H \"Content-Type: application/json\" -H \"Idempotency-Key: $(uuidgen)\" \\\n  -d '{{\"name\": \"train-images\", \"size\": \"10Gi\", \"if_absent\": true}}' \\\n  {base}{create}"
            ),
        ),
        (
            "List your volumes",
            "With details, every field of each; q narrows the list as on its page, for example kind:block or label:stage=prod.",
            format!("curl {bearer} \"{base}{volumes}?details=true&q=label:stage=prod\""),
        ),
        ("Look at one volume", "By its id: 8 small letters and digits.", format!("curl {bearer} {base}{volumes}/abc12345")),
        (
            "Look at one volume by its name",
            "Where there is none, the answer has the names that are nearly so.",
            format!("curl {bearer} {base}{volumes}/by-name/train-images"),
        ),
        (
            "Delete a volume",
            "Its name confirms that you mean it; force=true goes without. A volume that a pod mounts is never deleted, forced or not. Where this portal has a trash, it goes there \
             first, and the answer says until when; now=true is for good.",
            format!("curl -X DELETE {bearer} \"{base}{volumes}/abc12345?confirm=train-images\""),
        ),
        (
            "Restore a volume",
            "Out of the trash, as it was. The list with trash=true shows what is there.",
            format!("curl -X POST {bearer} {base}{volumes}/abc12345/restore"),
        ),
        (
            "Publish a volume as read-only",
            "Tasks that begin from now on only read it; with false they write again. A rule of this portal: pods that are made by other means are not bound by it.",
            format!(
                "curl -X POST {bearer} -H \"Content-Type: application/json\" -d '{{\"read_only\": true}}' \\\n  {base}{volumes}/abc12345/publish"
            ),
        ),
        (
            "Back a volume up, and make a new one of a backup",
            "Each answers the task that does it. A backup goes to another volume of yours, by id or name; it is known by its task. Needs the scope tasks:write. A CronJob that makes the first call backs up regularly.",
            format!(
                "curl -X POST {bearer} -H \"Content-Type: application/json\" -d '{{\"to\": \"archive\"}}' \\\n  {base}{volumes}/abc12345/backup\ncurl -X POST {bearer} -H \"Content-Type: application/json\" \\\n  -d '{{\"backup\": \"def67890\", \"name\": \"train-images-2\"}}' \\\n  {base}{volumes}/restore"
            ),
        ),
        (
            "List your tasks",
            "What runs comes first. With q, only those that fit a filter, as on the page of tasks.",
            format!("curl {bearer} \"{base}{tasks}?q=state:running\""),
        ),
        (
            "Read a task's log",
            "Of rank 0 unless rank says otherwise; tail leaves out all but the last lines.",
            format!("curl {bearer} \"{base}{tasks}/abc12345/logs?tail=100\""),
        ),
        (
            "Stop a task, or delete it",
            "Its volumes and their data stay. A task that was stopped stays listed with its log for a while; one that was deleted does not.",
            format!("curl -X POST {bearer} {base}{tasks}/abc12345/stop\ncurl -X DELETE {bearer} {base}{tasks}/abc12345"),
        ),
    ];
    let yaml = "-H \"Content-Type: text/yaml\" --data-binary @task.yaml";
    calls.push((
        "Check a task file",
        "What the page says about it, with lines and columns, and what would be made. Nothing is made. Needs the scope tasks:read.",
        format!("curl {bearer} {yaml} \\\n  {base}{}", paths::API_PREFLIGHT),
    ));
    calls.push((
        "Write task files in your own editor",
        "The schema needs no token. With this first line in a file, editors that speak YAML complete its fields and mark what is wrong.",
        format!("# yaml-language-server: $schema={base}{}", paths::API_TASK_SCHEMA),
    ));
    calls.push((
        "Run a task",
        "The same file. With an Idempotency-Key, a call that is sent again runs nothing twice. Needs the scope tasks:write.",
        format!("curl {bearer} -H \"Idempotency-Key: $(uuidgen)\" {yaml} \\\n  {base}{}", paths::API_SUBMIT_TASK),
    ));
    if is_admin {
        let example = format!("curl {bearer} \"{base}{volumes}?all_users=true&details=true\"");
        calls.push(("List everybody's volumes", "For administrators, with a token that has the scope admin.", example));
    }
    calls
}
