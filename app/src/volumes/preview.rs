//! What will be made, and how else could it be? Always of the form as it is filled in at this moment, by the code that makes it.

use super::form::Form;
use crate::{paths, server};
use cluster::UserCluster;
use domain::{
    name::{ObjectName, VolumeId},
    problem::FieldErrors,
    storage_class::{Binding, StorageClass},
    volume::{Preset, VolumeSpec, taken_by},
};
use leptos::prelude::*;

/// What is marked `data-part` is replaced by itself (`browser::read::parts`) while the form is typed into; what is opened stays open.
pub fn preview(page: &Form, caller: &UserCluster) -> AnyView {
    let namespace = server::portal().map(|portal| portal.cluster.namespace().to_owned()).unwrap_or_default();
    let wish = wish(page).ok();
    let manifest = wish.as_ref().and_then(|(spec, _)| caller.draft(spec).inspect_err(|error| drop(server::told(error))).ok());
    let spec = wish.as_ref().map(|(spec, _)| spec);
    let site = server::portal().map(|portal| portal.site.url).unwrap_or_default();
    view! {
        <section class="sheet card">
            <header><h2>"What will happen"</h2></header>
            <p class="hint" id="preview-failed" role="status" hidden>"The portal does not answer. What stands here, and below, is of what you had typed before; it follows by itself."</p>
            <div data-part="outlook">{wish.as_ref().map_or_else(not_yet, |(spec, class)| outlook(caller, spec, class))}</div>
        </section>
        <section class="sheet card ways">
            <header><h2>"The same by other means"</h2></header>
            <details open>
                <summary>"YAML, for kubectl"</summary>
                <div data-part="yaml">{text(manifest)}</div>
                <p class="small quiet">"Put eight letters and digits of your own in the place of " <code>"xxxxxxxx"</code> ", then " <code>"kubectl -n " {namespace} " create -f volume.yaml"</code></p>
            </details>
            <details>
                <summary>"Command line"</summary>
                <div data-part="command">{text(spec.map(command))}</div>
            </details>
            <details>
                <summary>"REST"</summary>
                <div data-part="rest">{text(spec.map(|spec| rest(spec, &site)))}</div>
            </details>
            {page.preset.map(|preset| variables(preset, spec))}
        </section>
    }
    .into_any()
}

/// The volume that would be made if the form were sent now.
pub fn wish(page: &Form) -> Result<(VolumeSpec, StorageClass), FieldErrors> {
    let classes = page.classes.as_deref().unwrap_or_default();
    let spec = page.form.check(classes)?;
    if let Some(sentence) = taken_by(spec.name.as_str(), &page.own) {
        return Err(FieldErrors::one("name", sentence));
    }
    let class = classes.iter().find(|class| class.name == spec.class).cloned().ok_or_else(FieldErrors::default)?;
    Ok((spec, class))
}

fn not_yet() -> AnyView {
    view! { <p class="quiet">"Shown here as soon as the form can be sent."</p> }.into_any()
}

fn text(text: Option<String>) -> AnyView {
    text.map_or_else(not_yet, |text| view! { <pre tabindex="0">{text}</pre> }.into_any())
}

fn outlook(caller: &UserCluster, spec: &VolumeSpec, class: &StorageClass) -> AnyView {
    let claim = "xxxxxxxx".parse::<VolumeId>().map(|id| ObjectName::of_claim(&spec.name, &id).to_string()).unwrap_or_default();
    let mount = mount_path(spec);
    let made = match class.binding {
        Binding::WaitForFirstConsumer => view! {
            "The volume is recorded at once and " <b>"waits for its first use"</b> ": class " {class.title().to_owned()}
            " chooses the node when a task first mounts it. It costs nothing until then."
        }
        .into_any(),
        Binding::Immediate => {
            view! { "Class " {class.title().to_owned()} " makes the storage " <b>"at once"</b> "; it is usually ready within seconds." }
                .into_any()
        }
    };
    view! {
        <p>{made}</p>
        <dl class="facts">
            <dt>"Size"</dt><dd>{spec.size.to_string()}</dd>
            <dt>"Class"</dt><dd>{spec.class.to_string()}</dd>
            <dt>"Mount path"</dt><dd class="mono">{mount}</dd>
            <dt>"PVC"</dt><dd class="mono">{claim} <span class="under">"its last eight characters are drawn when it is made"</span></dd>
            {(!spec.labels.is_empty()).then(|| view! { <dt>"Labels"</dt><dd class="mono">{spec.labels.to_string()}</dd> })}
            {left_of_quota(caller, spec).map(|left| view! { <dt>"Quota"</dt><dd>{left}</dd> })}
        </dl>
    }
    .into_any()
}

/// What the namespace's quotas leave for a volume of this class, and whether this one fits.
fn left_of_quota(caller: &UserCluster, spec: &VolumeSpec) -> Option<AnyView> {
    let quota = caller.quota().ok()??;
    let words = quota.for_class(spec.class.as_str()).in_words()?;
    let refused = quota.refuses(spec.class.as_str(), spec.size);
    Some(view! { {words} {refused.map(|sentence| view! { <span class="under warn">{sentence}</span> })} }.into_any())
}

fn mount_path(spec: &VolumeSpec) -> String {
    spec.mount_path.as_ref().map_or_else(|| format!("/volumes/{}", spec.name), ToString::to_string)
}

/// For tasks: where tools keep their downloads.
fn variables(preset: Preset, spec: Option<&VolumeSpec>) -> AnyView {
    let lines =
        spec.map(|spec| preset.variables(&mount_path(spec)).into_iter().map(|(name, path)| format!("{name}={path}\n")).collect::<String>());
    if preset.variables("").is_empty() {
        return ().into_any();
    }
    view! {
        <details open>
            <summary>"Variables for tasks"</summary>
            <div data-part="variables">{text(lines)}</div>
            <p class="small quiet">"Every task that sets them finds what another has downloaded."</p>
        </details>
    }
    .into_any()
}

/// Names, sizes, classes and modes hold no character that a shell reads.
fn command(spec: &VolumeSpec) -> String {
    let modes = modes(spec).join(",");
    format!("k8s-cli volumes create {} {} \\\n  --storage-class {} \\\n  --access-modes {modes}", spec.name, spec.size, spec.class)
}

fn rest(spec: &VolumeSpec, site: &str) -> String {
    let mut body = serde_json::json!({
        "name": spec.name.as_str(), "size": spec.size.to_string(), "storage_class": spec.class.as_str(), "access_modes": modes(spec),
    });
    let further = [("mount_path", spec.mount_path.as_ref().map(ToString::to_string)), ("description", spec.description.clone())];
    for (key, value) in further.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        body[key] = value.into();
    }
    if !spec.labels.is_empty() {
        body["labels"] = spec.labels.iter().map(|(key, value)| (key.to_owned(), value.into())).collect::<serde_json::Map<_, _>>().into();
    }
    let body = format!("{body:#}").replace('\'', "'\\''");
    format!(
        "curl {site}{} \\\n  -H \"Authorization: Bearer $STOWAGE_TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'",
        paths::API_CREATE_VOLUME
    )
}

fn modes(spec: &VolumeSpec) -> Vec<&'static str> {
    spec.modes.iter().map(|mode| mode.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{access::AccessMode, label::Labels, quantity::Size};

    #[test]
    fn what_is_typed_cannot_leave_its_quotes_in_the_command_for_a_shell() {
        let spec = VolumeSpec {
            name: "data".parse().unwrap(),
            size: Size::from_bytes(1 << 30),
            class: "standard".parse().unwrap(),
            modes: vec![AccessMode::ReadWriteOnce, AccessMode::ReadOnlyMany],
            description: Some("it's $(reboot)".into()),
            mount_path: None,
            labels: Labels::typed("stage=prod").unwrap(),
        };
        let shown = rest(&spec, "https://s.example");
        assert!(shown.contains(r#""description": "it'\''s $(reboot)""#) && shown.contains(r#""stage": "prod""#), "{shown}");
        assert_eq!(
            command(&spec),
            "k8s-cli volumes create data 1Gi \\\n  --storage-class standard \\\n  --access-modes ReadWriteOnce,ReadOnlyMany"
        );
    }
}
