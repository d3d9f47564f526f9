//! How are connections held? HTTP/1.1 with limits on how long a browser may take to ask, and an end that lets answers finish.

use crate::ending::Ending;
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// How long a head of a request may take, from the connection or the answer before it. Answers may take as long as they like.
pub const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long the whole body may take once the head is there.
pub const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// After a failed `accept`: there are no file descriptors left, most likely.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until the end begins and the last answer is given. A connection that has become a socket ends by itself.
pub async fn serve(listener: TcpListener, router: Router, mut ending: Ending, head_patience: Duration) {
    // Not hyper-util's own builder: where connections may be upgraded, it waits for the first bytes for ever.
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_patience);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = ending.begins() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            // Whoever left before we looked.
            Err(error) if matches!(error.raw_os_error(), Some(103 | 104)) => continue,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "no connection can be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let from = move |mut request: Request<_>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        };
        let service = TowerToHyperService::new(router.clone().map_request(from));
        let connection = builder.serve_connection(TokioIo::new(socket), service).with_upgrades();
        let mut ending = ending.clone();
        connections.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = ending.begins() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(error = &error as &dyn std::error::Error, "a connection ended early");
            }
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ending::End;
    use axum::routing::get;
    use std::net::SocketAddr;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;

    const PATIENCE: Duration = Duration::from_millis(300);

    /// A portal whose answers are slow, and what tells that one is under way.
    async fn start() -> (SocketAddr, End, JoinHandle<()>, Arc<Notify>) {
        let asked = Arc::new(Notify::new());
        let told = Arc::clone(&asked);
        let slow = async move || {
            told.notify_one();
            tokio::time::sleep(3 * PATIENCE).await;
            "at last"
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ending) = Ending::new();
        (address, end, tokio::spawn(serve(listener, Router::new().route("/", get(slow)), ending, PATIENCE)), asked)
    }

    async fn all_after(address: SocketAddr, sent: &str) -> String {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(sent.as_bytes()).await.unwrap();
        let mut text = String::new();
        tokio::time::timeout(Duration::from_secs(5), socket.read_to_string(&mut text)).await.expect("the connection ends").unwrap();
        text
    }

    #[tokio::test]
    async fn c6_105_a_head_that_never_ends_loses_its_connection_and_a_slow_answer_does_not() {
        let (address, _end, _served, _asked) = start().await;
        for sent in ["", "GET", "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "] {
            assert!(!all_after(address, sent).await.contains("200"), "{sent:?}");
        }
        assert!(all_after(address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.contains("at last"));
    }

    #[tokio::test]
    async fn the_end_waits_for_answers_under_way_and_takes_no_more() {
        let (address, end, served, asked) = start().await;
        let answer = tokio::spawn(all_after(address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        asked.notified().await;
        end.now();
        assert!(answer.await.unwrap().contains("at last"));
        tokio::time::timeout(Duration::from_secs(5), served).await.expect("it ends").unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
    #[tokio::test]
    async fn c2_038_a_request_that_two_readers_could_end_at_two_places_is_refused_and_ends_its_connection() {
        let (address, _end, _served, _asked) = start().await;
        let hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
        for head in [
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 4\r\n\r\nabc",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc",
            "GET / HTTP/1.1\r\nHost: a\r\nX-Folded: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX-Return: a\rb\r\n\r\n",
        ] {
            let said = all_after(address, &format!("{head}{hidden}")).await;
            assert!(said.starts_with("HTTP/1.1 400") && said.matches("HTTP/1.").count() == 1, "{head:?}: {said}");
        }
        // Both lengths: RFC 9112, 6.1 lets a server read the chunks alone if it ends the connection afterwards.
        for lengths in ["Content-Length: 6\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 6"] {
            let said = all_after(address, &format!("POST / HTTP/1.1\r\nHost: a\r\n{lengths}\r\n\r\n0\r\n\r\n{hidden}")).await;
            assert_eq!(said.matches("HTTP/1.").count(), 1, "{lengths:?}: {said}");
            assert!(said.to_ascii_lowercase().contains("connection: close"), "{lengths:?}: {said}");
        }
        // A line may end without its return (RFC 9112, 2.2), but a chunk may not.
        let said = all_after(address, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n").await;
        assert!(said.matches("HTTP/1.").count() <= 1, "{said}");
    }
}
