//! How does a list leave the portal? As JSON, the same that the REST API answers, or as CSV; with the filter and the order of the page.

use super::Pages;
use crate::{api::shown, problem};
use app::{paths, server};
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use cluster::{User, UserCluster};
use domain::{
    listing::{Listing, View, arrange},
    problem::{Code, Problem},
    quantity::Size,
    volume::Volume,
};
use http::{header, request::Parts};

pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route(&format!("{}/download", paths::VOLUMES), get(own))
        .route(&format!("{}/download", paths::ADMIN_VOLUMES), get(everybodys))
}

type Asked = Query<Vec<(String, String)>>;

async fn own(State(pages): State<Pages>, asked: Asked, parts: Parts) -> Response {
    answer(&pages, asked, &parts, false, |caller, view| Ok(arrange(&caller.volumes()?, view, server::now(), Volume::clone)))
}

async fn everybodys(State(pages): State<Pages>, asked: Asked, parts: Parts) -> Response {
    answer(&pages, asked, &parts, true, |caller, view| Ok(caller.admin()?.everybody()?.arranged(view)))
}

fn answer(
    pages: &Pages,
    Query(asked): Asked,
    parts: &Parts,
    everybody: bool,
    read: impl FnOnce(UserCluster, &View) -> Result<Listing, cluster::Error>,
) -> Response {
    let Some(user) = parts.extensions.get::<User>().cloned() else {
        return problem::answer(Problem::new(Code::Unauthenticated, "Sign in to go on."));
    };
    // All that match, on one page.
    let view =
        View { page: 1, per_page: usize::MAX, ..View::read(everybody, asked.iter().map(|(key, value)| (key.as_str(), value.as_str()))) };
    let rows = match read(pages.portal.cluster.as_user(user), &view) {
        Ok(listing) => listing.rows,
        Err(error) => return problem::answer(server::told(&error)),
    };
    let is_csv = asked.iter().any(|(key, value)| key == "format" && value == "csv");
    let namespace = pages.portal.cluster.namespace();
    let (kind, name, text) = if is_csv {
        ("text/csv; charset=utf-8", "volumes.csv", csv(&rows))
    } else {
        let list = shown::VolumeList { volumes: rows.iter().map(|volume| shown::Volume::detailed(volume, namespace)).collect() };
        match lines(&list) {
            Ok(text) => ("application/json", "volumes.json", text),
            Err(_) => return problem::answer(server::went_wrong()),
        }
    };
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))], text)
        .into_response()
}

/// JSON with a line for each volume: still to be read, and compared, by people, at two thirds of the size that indentation takes.
fn lines(list: &shown::VolumeList) -> serde_json::Result<String> {
    let volumes = list.volumes.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("{{\"volumes\":[\n{}\n]}}\n", volumes.join(",\n")))
}

/// RFC 4180, with a line of heads.
fn csv(volumes: &[Volume]) -> String {
    let mut text = line(
        [
            "name",
            "id",
            "pvc",
            "owner",
            "status",
            "phase",
            "size_bytes",
            "size",
            "class",
            "kind",
            "access_modes",
            "mount_path",
            "used_by",
            "created_at",
            "description",
            "labels",
        ]
        .map(str::to_owned),
    );
    for volume in volumes {
        let used_by: Vec<_> = volume.used_by.iter().filter(|u| u.phase.is_use()).map(|u| u.label().to_owned()).collect();
        text.push_str(&line([
            volume.name.clone(),
            volume.id.to_string(),
            volume.claim.clone(),
            volume.username.clone(),
            volume.status.label().to_owned(),
            volume.status.phase().to_owned(),
            volume.size().bytes().to_string(),
            Size::to_string(&volume.size()),
            volume.class.clone().unwrap_or_default(),
            volume.kind.as_str().to_owned(),
            volume.modes.iter().map(|mode| mode.as_str()).collect::<Vec<_>>().join(" "),
            volume.mount_path.clone(),
            used_by.join(" "),
            domain::text::machine_date(volume.created),
            volume.description.clone().unwrap_or_default(),
            volume.labels.to_string(),
        ]));
    }
    text
}

fn line<const N: usize>(cells: [String; N]) -> String {
    cells.map(|cell| quoted(&cell)).join(",") + "\r\n"
}

/// A cell that a spreadsheet would take for a formula is made a text (OWASP, "CSV Injection").
fn quoted(cell: &str) -> String {
    let formula = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{formula}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_ends_early_and_none_is_a_formula() {
        assert_eq!(line(["a\"b,c".into(), "=1+1".into(), String::new()]), "\"a\"\"b,c\",\"'=1+1\",\"\"\r\n");
    }
}
