//! What is said about a file, what would be made of it, and how else could that be done?

use super::submit::in_words;
use crate::{paths, server, ui::icon};
use cluster::UserCluster;
use domain::task::preflight::{Level, Line, Preflight};
use leptos::prelude::*;

/// Each [`part`](crate::parts) is replaced by itself while the file is typed into.
pub fn verdict(judged: Option<&Preflight>, file: &str, asked: Option<&Line>) -> AnyView {
    let Some(judged) = judged else {
        let sentence = "The cluster cannot be asked at the moment. What you have typed stays here; try again in a while.";
        return view! { <div data-part="verdict"><p>{sentence}</p></div> }.into_any();
    };
    let lines = judged.lines.iter().chain(asked).map(|line| shown(line, file)).collect_view();
    let must = judged.of(Level::Refusal).count() + asked.iter().filter(|line| line.level == Level::Refusal).count();
    let (tone, silhouette, sum) = match must {
        0 => ("good", "ready", "It can be submitted".to_owned()),
        1 => ("bad", "failed", "One thing must change".to_owned()),
        many => ("bad", "failed", format!("{many} things must change")),
    };
    view! {
        <div data-part="verdict">
            <p class=format!("status {tone}") role="status">{icon(silhouette)} <span>{sum}</span></p>
            <ul class="plain verdicts">{lines}</ul>
        </div>
    }
    .into_any()
}

fn shown(line: &Line, file: &str) -> AnyView {
    let silhouette = match line.level {
        Level::Refusal => "failed",
        Level::Warning => "warn",
        Level::Note => "info",
        Level::Ok => "ready",
    };
    // Only of what cannot be taken: other lines may hold what is not for every screen.
    let excerpt = line.place.filter(|_| line.level == Level::Refusal).and_then(|place| file.lines().nth(place.line - 1));
    let excerpt = excerpt.map(|text| view! { <code>{text.trim().chars().take(80).collect::<String>()}</code> });
    let link = line.volume.as_ref().map(|id| view! { " " <a href=paths::volume(id)>"Look at it"</a> });
    // Where the editor marks it.
    let (at_line, at_column) = line.place.map(|place| (place.line, place.column)).unzip();
    let sentence = line.place.map(|_| line.sentence.clone());
    let new_secret = line.sentence.contains(paths::NEW_SECRET).then(|| view! { " " <a href=paths::NEW_SECRET>"New Secret"</a> });
    view! {
        <li class=line.level.as_str() data-line=at_line data-column=at_column data-sentence=sentence>
            {icon(silhouette)}
            <div><p><b>{line.level.label()}</b> " " {in_words(line)} {link} {new_secret}</p>{excerpt}</div>
        </li>
    }
    .into_any()
}

/// What would be made, by the code that makes it, and the same by other means.
pub fn ways(judged: Option<&Preflight>, caller: &UserCluster) -> AnyView {
    let plan = judged.and_then(|judged| judged.plan.as_ref());
    let manifest = plan.and_then(|plan| caller.task_draft(plan).inspect_err(|error| drop(server::told(error))).ok());
    let (site, namespace) = server::portal().map(|portal| (portal.site.url, portal.cluster.namespace().to_owned())).unwrap_or_default();
    let made = match manifest {
        Some(text) => view! { <pre tabindex="0">{text}</pre> }.into_any(),
        None => view! { <p class="quiet">"Shown here as soon as nothing must change."</p> }.into_any(),
    };
    let curl = |path: &str, more: &str| {
        format!(
            "curl {site}{path} \\\n  -H \"Authorization: Bearer $STOWAGE_TOKEN\" \\\n  -H 'Content-Type: text/yaml'{more} \\\n  --data-binary @task.yaml"
        )
    };
    let rest = format!(
        "# What is said about it\n{}\n\n# Submit it\n{}",
        curl(paths::API_PREFLIGHT, ""),
        curl(paths::API_SUBMIT_TASK, " -H \"Idempotency-Key: $(uuidgen)\"")
    );
    view! {
        <section class="sheet card ways">
            <header><h2>"What will be made"</h2></header>
            <details open>
                <summary>"YAML, for kubectl"</summary>
                <div data-part="made">{made}</div>
                <p class="small quiet">"Put eight letters and digits of your own in the place of " <code>"xxxxxxxx"</code> ", then " <code>"kubectl -n " {namespace} " create -f job.yaml"</code></p>
            </details>
            <details>
                <summary>"Command line"</summary>
                <pre tabindex="0">"k8s-cli jobs submit task.yaml"</pre>
            </details>
            <details>
                <summary>"REST"</summary>
                <pre tabindex="0">{rest}</pre>
            </details>
        </section>
    }
    .into_any()
}
