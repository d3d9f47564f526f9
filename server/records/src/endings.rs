//! How does a stream on one replica learn that its session was ended on another? PostgreSQL tells every replica when rows of sessions go
//! (a trigger, so that it is one with the deletion and holds for whoever deletes), and each looks whether the session was one of its own.

use crate::db::{Db, Kind};
use sqlx::postgres::PgListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Made by the migrations.
const CHANNEL: &str = "stowage_session_ended";
/// How soon a lost connection is made anew. Streams look by themselves every fifteen seconds in any case.
const AGAIN: Duration = Duration::from_secs(1);

/// Moves whenever sessions may have ended; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Endings {
    count: watch::Sender<u64>,
    _listening: Option<Arc<Listening>>,
}

#[derive(Debug)]
struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Endings {
    pub(crate) fn of(db: &Db, url: &str) -> Self {
        let count = watch::Sender::default();
        let listening = match db.kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(Arc::new(Listening(tokio::spawn(listen(url.to_owned(), count.clone()))))),
        };
        Self { count, _listening: listening }
    }

    pub(crate) fn tell(&self) {
        tell(&self.count);
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }
}

fn tell(count: &watch::Sender<u64>) {
    count.send_modify(|count| *count = count.wrapping_add(1));
}

async fn listen(url: String, count: watch::Sender<u64>) {
    loop {
        if let Err(error) = hear(&url, &count).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "endings of sessions on other replicas are not heard; trying again");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Returns when the connection is lost. What was told before it was made may have been missed.
async fn hear(url: &str, count: &watch::Sender<u64>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    tell(count);
    while listener.try_recv().await?.is_some() {
        tell(count);
    }
    Ok(())
}
