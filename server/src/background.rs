//! What does the portal do by itself, beside answering? What is started here; if its code fails, it begins anew.

use futures::FutureExt;
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio::{task::JoinHandle, time::sleep};

/// Between the failure and the new beginning.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs until it is dropped.
#[derive(Debug)]
#[must_use = "it ends when its handle is dropped"]
pub struct Background(JoinHandle<()>);

impl Background {
    /// `what` is for the log. Whatever a failed beginning held is dropped with it.
    pub fn start<W: Future<Output = ()> + Send + 'static>(what: &'static str, mut begin: impl FnMut() -> W + Send + 'static) -> Self {
        Self(tokio::spawn(async move {
            while AssertUnwindSafe(begin()).catch_unwind().await.is_err() {
                tracing::error!(what, "its code failed; it begins anew");
                sleep(PAUSE).await;
            }
        }))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::{sync::mpsc, time::timeout};

    #[tokio::test]
    async fn d_43_what_fails_by_itself_begins_anew_until_its_handle_is_dropped() {
        let (began, mut beginnings) = mpsc::unbounded_channel();
        let mut begun = 0;
        let background = Background::start("a test", move || {
            begun += 1;
            let (is_first, began) = (begun == 1, began.clone());
            async move {
                let _sent = began.send(());
                assert!(!is_first, "injected");
                pending::<()>().await;
            }
        });
        let twice = async { (beginnings.recv().await, beginnings.recv().await) };
        assert_eq!(timeout(Duration::from_secs(60), twice).await.ok(), Some((Some(()), Some(()))));
        drop(background);
        assert_eq!(timeout(Duration::from_secs(60), beginnings.recv()).await.ok(), Some(None), "it has ended");
    }
}
