//! How is the API described to programs? From the calls themselves: one declaration makes the route and its description.

use super::{Api, backup, files, new_task, publish, schema, secrets, task, trash, volumes};
use std::collections::BTreeMap;
use utoipa::openapi::{
    InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement, ServerBuilder,
    schema::ComponentsBuilder,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa::{IntoResponses, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

const SCHEME: &str = "token";

pub fn router(url: &str) -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(about(url))
        .routes(routes!(volumes::list))
        .routes(routes!(volumes::create))
        .routes(routes!(volumes::get, volumes::delete))
        .routes(routes!(volumes::get_by_name))
        .routes(routes!(files::open))
        .routes(routes!(files::list))
        .routes(routes!(files::read))
        .routes(routes!(trash::restore))
        .routes(routes!(publish::publish))
        .routes(routes!(backup::back_up))
        .routes(routes!(backup::restore))
        .routes(routes!(schema::schema))
        .routes(routes!(new_task::preflight))
        .routes(routes!(new_task::submit_task))
        .routes(routes!(task::list))
        .routes(routes!(task::get, task::delete))
        .routes(routes!(task::stop))
        .routes(routes!(task::logs))
        .routes(routes!(secrets::list, secrets::put))
        .routes(routes!(secrets::delete))
}

fn about(url: &str) -> OpenApi {
    let bearer =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A token that was made in the portal: stw_...")).build();
    let info = InfoBuilder::new()
        .title("Stowage")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Volumes and tasks on a Kubernetes cluster. Each call acts for the person whose token it carries."));
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([ServerBuilder::new().url(url).build()]))
        .components(Some(ComponentsBuilder::new().schema_from::<Problem>().security_scheme(SCHEME, SecurityScheme::Http(bearer)).build()))
        .security(Some([SecurityRequirement::new(SCHEME, [""; 0])]))
        .build()
}

/// The one shape of every refusal (`domain::problem`).
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described: what is sent is domain::problem::Problem, which a test holds against this")]
pub struct Problem {
    /// Stable, for programs.
    #[schema(example = "not_found")]
    code: String,
    /// What happened and what to do.
    message: String,
    /// A sentence per field.
    #[schema(required = false)]
    fields: BTreeMap<String, String>,
    /// To quote when asking for help.
    #[schema(required = false)]
    request_id: String,
}

#[derive(IntoResponses)]
#[expect(dead_code, reason = "only described")]
pub enum Refused {
    /// It cannot be read.
    #[response(status = 400)]
    Malformed(Problem),
    /// The token does not work, or rests until its person signs in again.
    #[response(status = 401)]
    Unauthenticated(Problem),
    /// The token lacks a scope, or its person a role.
    #[response(status = 403)]
    Forbidden(Problem),
    /// There is no such volume or task of yours.
    #[response(status = 404)]
    NotFound(Problem),
    /// It does not fit what is there: a name that is taken, a volume in use, a quota.
    #[response(status = 409)]
    Conflict(Problem),
    /// More than 64 KB, or with attached files more than 1 MB.
    #[response(status = 413)]
    TooLarge(Problem),
    /// Not JSON; for task files, neither JSON nor YAML.
    #[response(status = 415)]
    UnsupportedMediaType(Problem),
    /// Some fields need a change.
    #[response(status = 422)]
    Invalid(Problem),
    /// Too many calls; Retry-After says when to come back.
    #[response(status = 429)]
    RateLimited(Problem),
    /// The cluster cannot be reached.
    #[response(status = 503)]
    Unavailable(Problem),
    /// The cluster did not answer in time.
    #[response(status = 504)]
    Slow(Problem),
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::problem::{Code, FieldErrors};
    use serde_json::{Value, json};

    fn described() -> Value {
        serde_json::to_value(router("https://s.example").split_for_parts().1).unwrap()
    }

    #[test]
    fn a_refusal_is_described_as_it_is() {
        let sent = domain::problem::Problem {
            fields: FieldErrors::one("f", "s"),
            request_id: Some("r".into()),
            ..domain::problem::Problem::new(Code::Invalid, "m")
        };
        let sent = serde_json::to_value(sent).unwrap();
        let schema = &described()["components"]["schemas"]["Problem"];
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&sent), keys(&schema["properties"]));
        assert_eq!(schema["required"], json!(["code", "message"]));
    }

    #[test]
    fn every_call_is_described_with_its_names_and_needs_a_token() {
        let described = described();
        for (path, method, operation) in [
            ("/api/volumes", "get", "list_volumes"),
            ("/api/volumes/create", "post", "create_volume"),
            ("/api/volumes/{id}", "get", "get_volume"),
            ("/api/volumes/{id}", "delete", "delete_volume"),
            ("/api/volumes/by-name/{name}", "get", "get_volume_by_name"),
            ("/api/volumes/{id}/restore", "post", "restore_volume"),
            ("/api/volumes/{id}/publish", "post", "publish_volume"),
            ("/api/volumes/{id}/backup", "post", "back_up_volume"),
            ("/api/volumes/restore", "post", "restore_backup"),
            ("/api/tasks/schema.json", "get", "get_task_schema"),
            ("/api/tasks/preflight", "post", "preflight_task"),
            ("/api/tasks/submit", "post", "submit_task"),
            ("/api/tasks", "get", "list_tasks"),
            ("/api/tasks/{id}", "get", "get_task"),
            ("/api/tasks/{id}", "delete", "delete_task"),
            ("/api/tasks/{id}/stop", "post", "stop_task"),
            ("/api/tasks/{id}/logs", "get", "get_task_logs"),
            ("/api/secrets", "get", "list_secrets"),
            ("/api/secrets", "post", "put_secret"),
            ("/api/secrets/{name}", "delete", "delete_secret"),
        ] {
            assert_eq!(described["paths"][path][method]["operationId"], operation, "{path}");
        }
        assert_eq!(described["security"], json!([{"token": []}]));
        assert_eq!(described["servers"][0]["url"], "https://s.example");
        assert_eq!(described["components"]["schemas"]["CreateVolume"]["required"], json!(["name", "size"]));
        assert_eq!(described["components"]["schemas"]["CreateVolume"]["additionalProperties"], json!(false));
    }
}
