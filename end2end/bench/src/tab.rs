//! What does an open tab do, without a browser around it? It holds the stream, and after each notice reads its page again, one
//! reading at a time.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::future::try_join_all;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::dataset::member;
use crate::portal::{Portal, Visitor};

/// The portal's own limit of streams for one person.
pub const PER_PERSON: usize = 20;

pub struct Tab {
    /// The member whose tab this is.
    pub owner: usize,
    /// The page as it is shown now.
    pub page: watch::Receiver<Arc<str>>,
    pub notices: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Tab {
    /// Returns once the stream has brought its first revision.
    pub async fn open(visitor: &Visitor, owner: usize) -> Result<Self> {
        let (page, _) = visitor.page("/volumes").await?;
        let (shown, page) = watch::channel(Arc::from(page));
        let mut stream = Stream::open(visitor).await?;
        stream.notice().await?.context("the stream ended at once")?;
        let notices = Arc::new(AtomicUsize::new(0));
        let (visitor, count) = (visitor.clone(), Arc::clone(&notices));
        let task = tokio::spawn(async move {
            // What comes during a reading waits in the socket and is then heard as one or a few more notices.
            while let Ok(Some(())) = stream.notice().await {
                count.fetch_add(1, Ordering::Relaxed);
                if let Ok(text) = visitor.reading("/volumes").await {
                    shown.send_replace(Arc::from(text));
                }
            }
        });
        Ok(Self { owner, page, notices, task })
    }

    /// Waits until the page shows all of `texts`.
    pub async fn shows(&mut self, texts: &[String], at_most: Duration) -> Result<()> {
        let all = |page: &Arc<str>| texts.iter().all(|text| page.contains(text.as_str()));
        match tokio::time::timeout(at_most, self.page.wait_for(all)).await {
            Ok(seen) => drop(seen?),
            Err(_) => bail!("a tab of member-{} does not show all of {} changes", self.owner, texts.len()),
        }
        Ok(())
    }
}

/// `count` tabs of the members from `first` on, as many of each as one person may have.
pub async fn open(portal: &Portal, first: usize, count: usize) -> Result<Vec<Tab>> {
    let people = count.div_ceil(PER_PERSON);
    let mut tabs = Vec::with_capacity(count);
    for owner in first..first + people {
        let visitor = portal.sign_in(&member(owner)).await?;
        let wanted = PER_PERSON.min(count - tabs.len());
        tabs.extend(try_join_all((0..wanted).map(|_| Tab::open(&visitor, owner))).await?);
    }
    Ok(tabs)
}

struct Stream {
    answer: reqwest::Response,
    rest: Vec<u8>,
}

impl Stream {
    async fn open(visitor: &Visitor) -> Result<Self> {
        let answer = visitor.ask("/live").header("accept", "text/event-stream").send().await?.error_for_status()?;
        Ok(Self { answer, rest: Vec::new() })
    }

    /// The next revision; none when the stream has ended. Notices that came together are one.
    async fn notice(&mut self) -> Result<Option<()>> {
        loop {
            let Some(chunk) = self.answer.chunk().await? else { return Ok(None) };
            self.rest.extend_from_slice(&chunk);
            let end = b"\n\n";
            if let Some(at) = self.rest.windows(end.len()).rposition(|window| window == end) {
                let heard = self.rest.windows(6).any(|window| window == b"event:");
                self.rest.drain(..at + end.len());
                if heard {
                    return Ok(Some(()));
                }
            }
        }
    }
}
