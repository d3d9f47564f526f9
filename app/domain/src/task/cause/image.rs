//! Why can an image not be had? From the kubelet's word and the registry's sentence.

use super::{
    Action, Cause, CauseId, Facts,
    facts::{latest, unresolved},
};
use crate::{cause::quoted, task::TaskPod};

/// kubernetes, pkg/kubelet/images/types.go
const WAITS: [&str; 8] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
    "ErrImageNotEnsured",
];

/// `None`: the image is not what keeps it.
pub(super) fn cause(facts: &Facts<'_>, pod: &TaskPod) -> Option<Cause> {
    let failed = unresolved(&pod.events, &["Failed", "InspectFailed", "ErrImageNeverPull"], &["Pulled", "Created", "Started"])
        .filter(|event| event.message.contains("image"));
    if !WAITS.contains(&pod.said_why()) && failed.is_none() {
        return None;
    }
    let image = &facts.task.image;
    // `Back-off pulling image` hides the reason, which the event of the attempt has.
    let attempt = pod.events.iter().filter(|event| event.message.starts_with("Failed to pull image")).max_by_key(|event| event.last);
    let message = match attempt.or_else(|| latest(&pod.events, &["Failed", "InspectFailed"])) {
        Some(event) if pod.said().is_empty() || pod.said_why() == "ImagePullBackOff" => format!("{} {}", event.message, pod.said()),
        _ => pod.said().to_owned(),
    };
    let text = message.to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    let again = |id, reason: &str, sentence: String| Cause::new(id).because(reason).saying(sentence).offering(Action::RunAgain);
    Some(match pod.said_why() {
        "InvalidImageName" => again(
            CauseId::ImageNameWrong,
            "the image's name is not valid",
            format!("{image} is not the name of an image. Write it as registry/team/image:tag."),
        ),
        "ErrImageNeverPull" => again(
            CauseId::ImageNotThere,
            "the node does not have the image",
            format!("{image} is to be taken from the node, and this node does not have it. Take an image that is offered here."),
        ),
        "SignatureValidationFailed" => again(
            CauseId::ImageRefused,
            "its signature is not accepted",
            format!("The node does not accept the signature of {image}. Take an image that is offered here."),
        ),
        // A registry that hides what is private says `denied` for what does not exist; so the certain words come first.
        _ if says(&["toomanyrequests", "429 too many", "rate limit"]) => Cause::new(CauseId::ImageRateLimited)
            .because("the registry wants a pause")
            .saying(format!(
                "The registry of {image} has answered too often today and wants a pause. The cluster tries on by itself; a copy in a \
                 registry of your own does not have this limit."
            ))
            .offering(Action::RunAgain),
        _ if says(&["no match for platform", "exec format error"]) => unfit(),
        _ if says(&["manifest unknown", "not found", "name unknown", "404"]) && !says(&["server misbehaving", "no such host"]) => again(
            CauseId::ImageMissing,
            "there is no such image",
            format!("The registry has no {image}. Look at the spelling of the name and of the tag, then run it again."),
        ),
        _ if says(&["denied", "unauthorized", "authentication required", "403 forbidden", "401"]) => again(
            CauseId::ImageDenied,
            "the image may not be fetched",
            format!(
                "The registry does not give {image} to this cluster: it is private, or it does not exist. Look at its spelling; an \
                 administrator can give the cluster a right to fetch it."
            ),
        ),
        _ if says(&[
            "no such host",
            "i/o timeout",
            "timeout",
            "connection refused",
            "server misbehaving",
            "tls",
            "x509",
            "eof",
            "unavailable",
            "dial tcp",
        ]) || pod.said_why() == "RegistryUnavailable" =>
        {
            Cause::new(CauseId::ImageUnreachable)
                .because("the registry cannot be reached")
                .saying(format!(
                    "The node cannot reach the registry of {image}. The cluster tries on by itself; if it stays like this, look at the \
                     registry's name or tell an administrator."
                ))
                .asking_an_admin(format!("A registry cannot be reached: {}", quoted(&message)))
        }
        _ => again(
            CauseId::ImageRefused,
            "the image cannot be fetched",
            format!("{image} cannot be fetched. The node said: {}", quoted(&message)),
        ),
    })
}

pub(super) fn unfit() -> Cause {
    Cause::new(CauseId::ImageUnfit)
        .because("the image is for other machines")
        .saying("The image is made for another kind of processor than the node has (such as arm64 for amd64). Take one for these nodes.")
        .offering(Action::RunAgain)
}
