//! How is a volume made when the call may come twice? Under an `Idempotency-Key`, or only if it is absent.

use super::Api;
use app::{
    limits::in_turn,
    server::{records_failed, told},
};
use cluster::{Error, UserCluster};
use domain::{
    audit::Verb,
    problem::{Code, FieldErrors, Problem},
    volume::{Volume, VolumeSpec},
};
use http::HeaderMap;
use records::{Attempt, Begun};

const KEY: &str = "idempotency-key";
const KEY_MAX: usize = 255;

/// A volume that a call answers with.
pub struct Made {
    pub volume: Volume,
    pub by: MadeBy,
}

/// Which call made a volume, as far as that is not on record yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeBy {
    ThisCall,
    /// One of the same key whose end nobody knew: this one found what it made.
    AnEarlierCall,
    /// It was there, and is on record if the portal made it.
    Nobody,
}

/// The attempt that a call's key and body stand for, if it has a key.
pub fn attempt(headers: &HeaderMap, caller: &UserCluster, body: &[u8]) -> Result<Option<Attempt>, Problem> {
    Ok(key(headers)?.map(|key| Attempt::new(caller.user().key().clone(), &key, body)))
}

/// The key that a call has, if it has one.
pub fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut keys = headers.get_all(KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let good = |key: &&str| (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    match (key.to_str().ok().filter(good), keys.next()) {
        (Some(key), None) => Ok(Some(key.to_owned())),
        _ => Err(wrong_key(format!("Send one Idempotency-Key of 1 to {KEY_MAX} visible characters."))),
    }
}

fn wrong_key(sentence: impl Into<String>) -> Problem {
    let sentence = sentence.into();
    Problem { fields: FieldErrors::one("Idempotency-Key", sentence.clone()), ..Problem::new(Code::Invalid, sentence) }
}

/// Makes the volume, at most once per key.
pub async fn make(api: &Api, caller: &UserCluster, attempt: Option<Attempt>, spec: &VolumeSpec, if_absent: bool) -> Result<Made, Problem> {
    let Some(attempt) = attempt else { return create(api, caller, spec, if_absent).await };
    let keys = api.records.idempotency();
    let again = match keys.begin(&attempt).await.map_err(|error| records_failed(&error))? {
        Begun::First => false,
        // If the earlier attempt made it, that is the one.
        Begun::Again => true,
        Begun::Made(id) => return earlier(caller, &id),
        Begun::Underway => {
            return Err(Problem::new(Code::Conflict, "The same call is being carried out at this moment. Send it again in a few seconds."));
        }
        Begun::Other => {
            return Err(wrong_key("This key was used for another call in the last 24 hours. Use a new key for each thing to make."));
        }
    };
    let made = match create(api, caller, spec, if_absent || again).await {
        Ok(Made { volume, by: MadeBy::Nobody }) if again => Ok(Made { by: found(api, &volume).await, volume }),
        made => made,
    };
    let noted = match &made {
        Ok(Made { volume, .. }) => keys.made(&attempt, volume.id.as_str()).await,
        Err(problem) if leaves_open(problem.code) => keys.unknown(&attempt).await,
        Err(_) => keys.failed(&attempt).await,
    };
    if let Err(error) = noted {
        tracing::error!(error = &error as &dyn std::error::Error, "an idempotency key stays taken");
    }
    made
}

/// What an earlier call with this key made.
fn earlier(caller: &UserCluster, id: &str) -> Result<Made, Problem> {
    let id = id.parse().map_err(|_| app::server::went_wrong())?;
    match caller.volume(&id) {
        Ok(detail) => Ok(Made { volume: detail.volume, by: MadeBy::Nobody }),
        Err(Error::NotFound) => Err(Problem::new(
            Code::Conflict,
            "The volume that was made under this key has been deleted since. Use a new key to make another.",
        )),
        Err(error) => Err(told(&error)),
    }
}

/// Who made what the second try found. If the trail has its making, whoever made it; else the first try, which came to no end.
async fn found(api: &Api, volume: &Volume) -> MadeBy {
    match api.records.audit().has_made(Verb::CreateVolume, volume.id.as_str()).await {
        Ok(false) => MadeBy::AnEarlierCall,
        Ok(true) => MadeBy::Nobody,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, volume = %volume.id, "a volume may be missing in the audit trail");
            MadeBy::Nobody
        }
    }
}

/// Whether the volume may have been made although the call failed.
fn leaves_open(code: Code) -> bool {
    matches!(code, Code::ClusterUnreachable | Code::ClusterSlow | Code::Internal)
}

async fn create(api: &Api, caller: &UserCluster, spec: &VolumeSpec, if_absent: bool) -> Result<Made, Problem> {
    let make = async {
        let made =
            if if_absent { caller.create_if_absent(spec).await } else { caller.create_volume(spec).await.map(|volume| (volume, true)) };
        made.map_err(|error| told(&error))
    };
    let (volume, is_new) = in_turn(&api.records, caller, Box::pin(make)).await?;
    Ok(Made { volume, by: if is_new { MadeBy::ThisCall } else { MadeBy::Nobody } })
}
