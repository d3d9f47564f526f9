//! Is the portal about to stop? Asked by readiness and by streams, which would otherwise hold the stop up.

use tokio::sync::watch;

#[derive(Clone, Debug)]
pub struct Ending(watch::Receiver<bool>);

/// Whoever holds it can end the portal, once.
#[derive(Clone, Debug)]
pub struct End(watch::Sender<bool>);

impl End {
    pub fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Ending {
    pub fn new() -> (End, Self) {
        let (sender, receiver) = watch::channel(false);
        (End(sender), Self(receiver))
    }

    /// For a portal that runs until its process does.
    pub fn never() -> Self {
        Self::new().1
    }

    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when the end begins; never, if nobody is left who could begin it.
    pub async fn begins(&mut self) {
        if self.0.wait_for(|ending| *ending).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
