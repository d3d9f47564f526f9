//! What may a task file say? For editors, which ask without a token: the schema is the same for everybody.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use domain::task::file::Schema;
use http::header;

/// The JSON Schema of task files.
///
/// Needs no token. An editor that reads `# yaml-language-server: $schema=` in a file's first line completes and checks by it.
#[utoipa::path(
    get, path = "/api/tasks/schema.json", tag = "tasks", operation_id = "get_task_schema", security(()),
    responses((status = OK, description = "JSON Schema, draft 2020-12", content_type = "application/schema+json"))
)]
pub async fn schema() -> Response {
    ([(header::CONTENT_TYPE, "application/schema+json")], Json(Schema)).into_response()
}
