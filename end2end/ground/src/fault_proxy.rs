//! How does a test take the API server away from the portal? By a proxy between them that can be cut or stalled.
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use anyhow::{Context, Result};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    Passing,
    /// New connections are closed at once; nobody listens, as far as a client can tell.
    Cut,
    /// Connections are accepted and kept, and nothing moves on any of them.
    Stalled,
}

/// A TCP proxy on a loopback port of its own in front of `target`. Ends when dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    course: watch::Sender<Course>,
    open: Arc<AtomicUsize>,
    accepted: Arc<AtomicUsize>,
    answered: Arc<AtomicU64>,
    listening: JoinHandle<()>,
}

impl FaultProxy {
    pub async fn start(target: SocketAddr) -> Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), target).await
    }

    /// At this address; with port 0, at a free port.
    pub async fn start_at(place: SocketAddr, target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(place).await.context("no port for the proxy")?;
        let address = listener.local_addr()?;
        let (course, _) = watch::channel(Course::Passing);
        let (open, accepted, answered) = <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicU64>)>::default();
        let counts = (Arc::clone(&open), Arc::clone(&accepted), Arc::clone(&answered));
        let listening = tokio::spawn(listen(listener, target, course.clone(), counts));
        Ok(Self { address, course, open, accepted, answered, listening })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes all connections and refuses new ones.
    pub fn cut(&self) {
        self.course.send_replace(Course::Cut);
    }

    /// Accepts connections and keeps all of them, but passes nothing on.
    pub fn stall(&self) {
        self.course.send_replace(Course::Stalled);
    }

    /// Passes everything on again, also what waited on stalled connections.
    pub fn restore(&self) {
        self.course.send_replace(Course::Passing);
    }

    /// How many connections are open now.
    pub fn connections(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// How many connections were ever made, the refused ones included.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// How many bytes came from the target, over all connections.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.course.send_replace(Course::Cut);
        self.listening.abort();
    }
}

/// What is read of it is counted.
struct Counted<R> {
    from: R,
    bytes: Arc<AtomicU64>,
}

impl<R: AsyncRead + Unpin> AsyncRead for Counted<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.from).poll_read(context, buffer);
        let bytes = u64::try_from(buffer.filled().len() - before).unwrap_or(u64::MAX);
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
        read
    }
}

async fn listen(
    listener: TcpListener,
    target: SocketAddr,
    course: watch::Sender<Course>,
    (open, accepted, answered): (Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicU64>),
) {
    while let Ok((client, _)) = listener.accept().await {
        accepted.fetch_add(1, Ordering::SeqCst);
        if *course.borrow() == Course::Cut {
            continue;
        }
        let (open, answered) = (Arc::clone(&open), Arc::clone(&answered));
        let courses = course.subscribe();
        open.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            // Either side may hang up at any time; that is no failure of the proxy.
            let _hung_up = carry(client, target, courses, answered).await;
            open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// Waits for one course or the other; `Cut` also when the proxy is gone.
async fn until(courses: &mut watch::Receiver<Course>, holds: impl Fn(Course) -> bool) -> Course {
    courses.wait_for(|course| holds(*course)).await.map_or(Course::Cut, |course| *course)
}

async fn carry(
    client: TcpStream,
    target: SocketAddr,
    mut courses: watch::Receiver<Course>,
    answered: Arc<AtomicU64>,
) -> std::io::Result<()> {
    if until(&mut courses, |course| course != Course::Stalled).await == Course::Cut {
        return Ok(());
    }
    let server = TcpStream::connect(target).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let mut from_server = Counted { from: from_server, bytes: answered };
    let mut up = std::pin::pin!(tokio::io::copy(&mut from_client, &mut to_server));
    let mut down = std::pin::pin!(tokio::io::copy(&mut from_server, &mut to_client));
    loop {
        // A copy that is not polled moves nothing, and goes on where it was when it is polled again.
        let course = tokio::select! {
            biased;
            course = until(&mut courses, |course| course != Course::Passing) => course,
            ended = &mut up => return ended.map(drop),
            ended = &mut down => return ended.map(drop),
        };
        if course == Course::Cut || until(&mut courses, |course| course != Course::Stalled).await == Course::Cut {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;

    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.into_split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        address
    }

    async fn answer(stream: &mut TcpStream) -> std::io::Result<[u8; 2]> {
        let mut bytes = [0; 2];
        stream.write_all(b"hi").await?;
        stream.read_exact(&mut bytes).await?;
        Ok(bytes)
    }

    #[tokio::test]
    async fn a_cut_closes_what_is_open_and_refuses_what_comes() {
        let proxy = FaultProxy::start(echo().await).await.unwrap();
        let mut open = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(&answer(&mut open).await.unwrap(), b"hi");
        assert_eq!(proxy.connections(), 1);
        proxy.cut();
        assert_eq!(open.read(&mut [0]).await.unwrap_or(0), 0);
        let mut fresh = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(answer(&mut fresh).await.is_err());
        proxy.restore();
        let mut later = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(&answer(&mut later).await.unwrap(), b"hi");
    }

    #[tokio::test]
    async fn a_stalled_connection_goes_on_where_it_was() {
        let proxy = FaultProxy::start(echo().await).await.unwrap();
        let mut open = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(&answer(&mut open).await.unwrap(), b"hi");
        proxy.stall();
        assert!(timeout(Duration::from_millis(200), answer(&mut open)).await.is_err());
        proxy.restore();
        let mut bytes = [0; 2];
        timeout(Duration::from_secs(5), open.read_exact(&mut bytes)).await.unwrap().unwrap();
        assert_eq!(&bytes, b"hi");
    }
}
