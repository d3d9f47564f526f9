//! What was the API server asked for? Its audit log tells, each request before its answer.
use std::io::{BufRead, BufReader, Seek, SeekFrom};

use anyhow::Result;
use ground::Ground;
use serde_json::Value;

const PORTAL: &str = "system:serviceaccount:stowage-system:stowage";

/// A place in the log.
#[derive(Debug, Clone, Copy)]
pub struct Mark(u64);

pub fn mark(ground: &Ground) -> Result<Mark> {
    Ok(Mark(std::fs::metadata(ground.audit_log())?.len()))
}

/// What the portal's account has begun since then: verb and address. A watch counts when it is opened.
pub fn since(ground: &Ground, mark: Mark) -> Result<Vec<(String, String)>> {
    let mut file = std::fs::File::open(ground.audit_log())?;
    file.seek(SeekFrom::Start(mark.0))?;
    let mut requests = Vec::new();
    for line in BufReader::new(file).lines() {
        let Ok(entry) = serde_json::from_str::<Value>(&line?) else { continue };
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        // A watch is written down when it begins and when it ends.
        let begins = text("verb") != "watch" || text("stage") == "ResponseStarted";
        if entry["user"]["username"] == PORTAL && begins {
            requests.push((text("verb"), text("requestURI")));
        }
    }
    Ok(requests)
}
