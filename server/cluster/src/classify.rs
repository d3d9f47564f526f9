//! What does an answer of the API server mean for whoever asked? Status questions first; texts only where Kubernetes
//! has nothing else to tell two refusals apart.

use crate::error::{Error, Right};
use domain::{allowed::WhyNot, quota::Exceeded};
use http::StatusCode;
use kube::client::UpgradeConnectionError;
use kube::core::{Status, response::reason};

impl From<kube::Error> for Error {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => from_status(status),
            // The API server's own words about a stream that it refuses do not come through: the status is all there is.
            kube::Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(StatusCode::NOT_FOUND)) => Self::NotFound,
            kube::Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(StatusCode::FORBIDDEN)) => {
                Self::MissingRight(Right { what: "get and create pods/exec".into(), command: None })
            }
            error @ (kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_)) => unreachable(error),
            error @ (kube::Error::ProxyProtocolUnsupported { .. }
            | kube::Error::ProxyProtocolDisabled { .. }
            | kube::Error::FromUtf8(_)
            | kube::Error::LinesCodecMaxLineLengthExceeded
            | kube::Error::HttpError(_)
            | kube::Error::SerdeError(_)
            | kube::Error::BuildRequest(_)
            | kube::Error::InferConfig(_)
            | kube::Error::Discovery(_)
            | kube::Error::RustlsTls(_)
            | kube::Error::TlsRequired
            | kube::Error::Auth(_)
            | kube::Error::UpgradeConnection(_)
            | kube::Error::InferKubeconfig(_)) => Self::unexpected(error),
        }
    }
}

/// Whether a watch must begin anew: the server no longer remembers where this one was.
pub(crate) fn is_expired(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 410 || status.reason == reason::EXPIRED || status.reason == reason::GONE)
}

/// Whether this is no answer of the server at all: kube reads any line of a watch that it cannot read otherwise as a
/// `Status`, whose every field may be absent.
pub(crate) fn says_nothing(status: &Status) -> bool {
    status.code == 0 && status.reason.is_empty() && status.message.is_empty()
}

fn unreachable(error: kube::Error) -> Error {
    Error::Unreachable { since: None, source: Some(Box::new(error)) }
}

fn from_status(status: Box<Status>) -> Error {
    // A namespace that is not there is not the object that was asked for.
    let about = |kind: &str| status.details.as_ref().is_some_and(|details| details.kind == kind);
    if status.is_not_found() && !about("namespaces") {
        return Error::NotFound;
    }
    if status.is_conflict() || status.is_already_exists() {
        return Error::Stale;
    }
    if status.is_forbidden() {
        return from_forbidden(&status.message);
    }
    if status.is_invalid() || is_webhook(&status.message) {
        return Error::Refused { message: status.message };
    }
    // kube has no question for these.
    match (status.reason.as_str(), status.code) {
        (reason::UNAUTHORIZED, _) | (_, 401) => {
            Error::MissingRight(Right { what: "sign in to the cluster: its credentials are not accepted".into(), command: None })
        }
        (reason::TOO_MANY_REQUESTS, _) | (_, 429) => {
            Error::Busy { retry_after: status.details.as_ref().map(|details| details.retry_after_seconds).filter(|seconds| *seconds > 0) }
        }
        (reason::TIMEOUT | reason::SERVER_TIMEOUT, _) | (_, 504) => Error::Slow,
        (reason::SERVICE_UNAVAILABLE, _) | (_, 502 | 503) => unreachable(kube::Error::Api(status)),
        _ => Error::unexpected(kube::Error::Api(status)),
    }
}

/// A 403 is the portal's missing right, the namespace's quota, or a rule of admission. Only the text tells which:
/// * RBAC: `... is forbidden: User "u" cannot create resource "r" in API group "" in the namespace "n"`
///   (apiserver, pkg/endpoints/handlers/responsewriters/errors.go, `forbiddenMessage`);
/// * quota: `... is forbidden: exceeded quota: q, requested: ..., used: ..., limited: ...`
///   (apiserver, pkg/admission/plugin/resourcequota/controller.go, `CheckRequest`);
/// * growth: `... is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must
///   support resize` (kubernetes, plugin/pkg/admission/storage/persistentvolume/resize/admission.go);
/// * the rest, such as LimitRange: `... is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi`
///   (kubernetes, plugin/pkg/admission/limitranger/admission.go) and PodSecurity: `... violates PodSecurity "restricted:latest": ...`.
fn from_forbidden(message: &str) -> Error {
    let reason = message.split_once(" is forbidden: ").map_or(message, |(_, reason)| reason);
    if let Some(right) = reason.strip_prefix("User ").and_then(missing_right) {
        return Error::MissingRight(right);
    }
    if reason.starts_with("exceeded quota: ") {
        return Error::OverQuota { exceeded: Exceeded::read(reason), said: reason.to_owned() };
    }
    // It is called Forbidden, but nobody lacks a right.
    if domain::cause::forbids_growth(reason) {
        return Error::NotAllowed(WhyNot::ClassCannotGrow);
    }
    Error::Refused { message: reason.to_owned() }
}

/// `create persistentvolumeclaims` from `"u" cannot create resource "persistentvolumeclaims" in API group "" in the namespace "n"`.
fn missing_right(rest: &str) -> Option<Right> {
    let (user, rest) = rest.strip_prefix('"')?.split_once("\" cannot ")?;
    let (verb, rest) = rest.split_once(" resource \"")?;
    let (resource, rest) = rest.split_once('"')?;
    let what = format!("{verb} {resource}");
    let group = rest.split_once("API group \"").and_then(|(_, rest)| rest.split_once('"')).map_or("", |(group, _)| group);
    let namespace = rest.split_once("in the namespace \"").and_then(|(_, rest)| rest.split_once('"')).map(|(namespace, _)| namespace);
    // `kubectl auth can-i VERB TYPE.GROUP --subresource=NAME` (kubernetes.io, "kubectl auth can-i").
    let (kind, part) = resource.split_once('/').map_or((resource, None), |(kind, part)| (kind, Some(part)));
    let kind = if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") };
    let part = part.map(|part| format!(" --subresource {part}")).unwrap_or_default();
    let place = namespace.map(|namespace| format!(" --namespace {namespace}")).unwrap_or_default();
    let command = format!("kubectl auth can-i {verb} {kind}{part}{place} --as {user}");
    // Names of users may hold anything; a command is shown only if a shell reads it as it is meant.
    let is_plain = command.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '.' | ':' | '_' | '@' | '/'));
    let is_whole = [verb, kind.as_str(), user].iter().all(|word| !word.is_empty() && !word.contains(' ') && !word.starts_with('-'));
    Some(Right { what, command: (is_plain && is_whole).then_some(command) })
}

/// A webhook chooses its own reason and code (apiserver, pkg/admission/plugin/webhook/errors/statuserror.go).
fn is_webhook(message: &str) -> bool {
    message.starts_with("admission webhook ") && message.contains(" denied the request")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::problem::Code;
    use serde_json::json;

    fn answer(code: u16, reason: &str, message: &str, details: serde_json::Value) -> Error {
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "code": code, "reason": reason, "message": message, "details": details
        });
        kube::Error::Api(serde_json::from_value(status).unwrap()).into()
    }

    #[test]
    fn each_answer_of_the_api_server_is_told_apart() {
        let pvc = json!({"kind": "persistentvolumeclaims", "name": "a"});
        let cases = [
            (404, "NotFound", "persistentvolumeclaims \"a\" not found", pvc.clone(), Code::NotFound),
            (404, "NotFound", "namespaces \"n\" not found", json!({"kind": "namespaces", "name": "n"}), Code::Internal),
            (
                409,
                "Conflict",
                "Operation cannot be fulfilled on persistentvolumeclaims \"a\": the UID in the precondition (x) does not match the UID in record (y)",
                pvc.clone(),
                Code::Conflict,
            ),
            (
                403,
                "Forbidden",
                "persistentvolumeclaims \"a\" is forbidden: exceeded quota: q, requested: requests.storage=10Gi, used: requests.storage=5Gi, limited: requests.storage=8Gi",
                pvc.clone(),
                Code::Quota,
            ),
            (
                403,
                "Forbidden",
                "persistentvolumeclaims \"a\" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi",
                pvc.clone(),
                Code::Invalid,
            ),
            (
                403,
                "Forbidden",
                "persistentvolumeclaims is forbidden: User \"system:serviceaccount:s:stowage\" cannot create resource \"persistentvolumeclaims\" in API group \"\" in the namespace \"n\"",
                pvc.clone(),
                Code::PortalMisconfigured,
            ),
            (
                422,
                "Invalid",
                "PersistentVolumeClaim \"a\" is invalid: spec.resources[storage]: Invalid value: \"0\": must be greater than zero",
                pvc.clone(),
                Code::Invalid,
            ),
            (400, "", "admission webhook \"w.example\" denied the request: no", json!(null), Code::Invalid),
            (401, "Unauthorized", "Unauthorized", json!(null), Code::PortalMisconfigured),
            (429, "TooManyRequests", "too many requests", json!({"retryAfterSeconds": 7}), Code::RateLimited),
            (500, "InternalError", "Internal error occurred: etcd", json!(null), Code::Internal),
            (504, "Timeout", "request did not complete within the allotted timeout", json!(null), Code::ClusterSlow),
            (503, "ServiceUnavailable", "apiserver not ready", json!(null), Code::ClusterUnreachable),
            (502, "Failed to parse error data", "<html>bad gateway</html>", json!(null), Code::ClusterUnreachable),
        ];
        for (code, reason, message, details, expected) in cases {
            assert_eq!(answer(code, reason, message, details).problem().code, expected, "{message}");
        }
    }

    #[test]
    fn a_class_that_does_not_let_volumes_grow_is_told_from_other_rules() {
        let message = "persistentvolumeclaims \"a\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
        let error = answer(403, "Forbidden", message, json!(null));
        assert!(matches!(error, Error::NotAllowed(WhyNot::ClassCannotGrow)), "{error:?}");
    }

    fn lacking(user: &str, rest: &str) -> Right {
        let message = format!("pods is forbidden: User \"{user}\" cannot {rest}");
        let Error::MissingRight(right) = answer(403, "Forbidden", &message, json!(null)) else { panic!("{message}") };
        right
    }

    #[test]
    fn a_missing_right_names_verb_and_resource() {
        for (rest, what, asked) in [
            ("list resource \"pods\" in API group \"\" in the namespace \"n\"", "list pods", "list pods --namespace n --as u"),
            (
                "update resource \"persistentvolumeclaims/status\" in API group \"\" in the namespace \"n\"",
                "update persistentvolumeclaims/status",
                "update persistentvolumeclaims --subresource status --namespace n --as u",
            ),
            (
                "watch resource \"storageclasses\" in API group \"storage.k8s.io\" at the cluster scope",
                "watch storageclasses",
                "watch storageclasses.storage.k8s.io --as u",
            ),
        ] {
            let right = lacking("u", rest);
            assert_eq!((right.what.as_str(), right.command), (what, Some(format!("kubectl auth can-i {asked}"))));
        }
    }

    #[test]
    fn no_command_is_shown_that_a_shell_would_read_otherwise() {
        let rest = "list resource \"pods\" in API group \"\" in the namespace \"n\"";
        let account = "system:serviceaccount:stowage:portal";
        assert!(lacking(account, rest).command.unwrap().ends_with(&format!("--as {account}")));
        for user in ["a;reboot", "$(reboot)", "a b", "--token=x", "", "'"] {
            let right = lacking(user, rest);
            assert_eq!((right.what.as_str(), right.command), ("list pods", None), "{user}");
        }
    }

    #[test]
    fn a_quota_is_told_to_a_person_in_words_and_to_the_log_as_it_was_said() {
        let said =
            "exceeded quota: q, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=9, limited: persistentvolumeclaims=9";
        let Error::OverQuota { exceeded, said: logged } =
            answer(403, "Forbidden", &format!("persistentvolumeclaims \"a\" is forbidden: {said}"), json!(null))
        else {
            panic!("{said}")
        };
        assert_eq!(exceeded.sentence, "The namespace's quota allows 9 volumes; 9 are there.");
        assert_eq!(logged, said);
    }

    #[test]
    fn a_busy_cluster_says_for_how_long() {
        let patience = answer(429, "TooManyRequests", "", json!({"retryAfterSeconds": 7}));
        assert!(matches!(patience, Error::Busy { retry_after: Some(7) }));
    }

    #[test]
    fn a_line_of_a_watch_that_is_no_status_says_nothing() {
        let status = |line: serde_json::Value| serde_json::from_value::<Status>(line).unwrap();
        assert!(says_nothing(&status(json!({"type": "ADDED", "object": {"count": -1}}))));
        for said in [json!({"code": 500}), json!({"reason": "Expired"}), json!({"message": "no"})] {
            assert!(!says_nothing(&status(said)));
        }
    }

    #[test]
    fn only_a_forgotten_version_makes_a_watch_begin_anew() {
        let status = |code: u16, reason: &str| kube::Error::Api(Status::failure("", reason).with_code(code).boxed());
        for expired in [status(410, "Expired"), status(410, "Gone"), status(410, ""), status(0, "Expired")] {
            assert!(is_expired(&expired), "{expired:?}");
        }
        for other in [status(403, "Forbidden"), status(500, "InternalError"), kube::Error::LinesCodecMaxLineLengthExceeded] {
            assert!(!is_expired(&other), "{other:?}");
        }
    }
}
