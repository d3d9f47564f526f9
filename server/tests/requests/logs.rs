//! Is what nobody else may know kept out of the log?

use crate::api::Program;
use crate::portal::Portal;
use crate::visitor::Visitor;
use anyhow::{Context, Result};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::util::SubscriberInitExt;

/// Log lines as they are written.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn c1_006_what_an_address_carries_is_in_no_log_line() -> Result<()> {
    let lines = Lines::default();
    let writer = lines.clone();
    let ours = "server=trace,app=trace,cluster=trace,records=trace,tower_http=trace,tower_sessions=trace,axum=trace";
    let log = tracing_subscriber::fmt().with_env_filter(ours).with_ansi(false).with_writer(move || writer.clone()).finish();
    // The portal of a test answers on the test's own thread.
    let _log = log.set_default();
    let portal = Portal::start().await?;
    let mut alice = Visitor::new()?;
    let callback = alice.reach_callback(&portal, "alice", "/").await?;
    alice.visit(callback.as_str()).await?;
    let program = Program::of(&portal, &mut alice).await?;
    let mut secrets: Vec<_> = callback.query_pairs().filter(|(name, _)| name != "iss").map(|(_, value)| value.into_owned()).collect();
    assert_eq!(secrets.len(), 2, "code and state: {callback}");
    secrets.extend([program.token().to_owned(), alice.session(&portal).context("signed in")?.to_owned()]);
    for name in ["access_token", "token"] {
        for path in ["/api/volumes", "/volumes", "/auth/callback", "/live", "/nowhere"] {
            let path = portal.at(&format!("{path}?{name}={}", program.token()));
            assert!(Visitor::new()?.ask(&path).await?.status.is_client_error(), "{name}");
        }
    }
    let text = lines.text();
    assert!(text.contains("/api/volumes") && text.contains("signed in"), "the lines are being read: {text}");
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret} in {text}");
    }
    Ok(())
}
