//! How do a browser and a terminal speak with each other? Neither is read faster than the other takes it, so what waits here is bounded:
//! [`WINDOW`] of output that the browser has not shown, [`PASTE`] of input that the program has not read.

use super::super::Ending;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use cluster::Shell;
use domain::task::shell::{Ended, Told, cells};
use records::Sessions;
use serde_json::json;
use std::{mem::take, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tower_sessions::{SessionStore, session::Id};

/// So much of the output may be under way to the browser.
const WINDOW: u64 = 256 << 10;
const PASTE: usize = 1 << 20;
const CHUNK: usize = 16 << 10;
/// Proxies close what is silent for a minute.
const PING: Duration = Duration::from_secs(25);
/// A browser that has not answered for so long is gone.
const SILENCE: Duration = Duration::from_secs(80);
/// So often it is looked whether the session lives, beside the moments in which one ends.
const CHECK: Duration = Duration::from_secs(5);
/// A browser that takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(15);
const GOODBYE: Duration = Duration::from_secs(2);

pub(super) struct Pump {
    socket: WebSocket,
    sessions: Sessions,
    ending: Ending,
    session: Id,
    pace: Pace,
    typed: Vec<u8>,
    size: Option<(u16, u16)>,
    sent: u64,
    seen: u64,
    heard: Instant,
    /// Somebody has typed since the session was looked at.
    in_use: bool,
}

impl Pump {
    pub(super) fn new(socket: WebSocket, sessions: Sessions, ending: Ending, session: Id) -> Self {
        let now = Instant::now();
        let pace = Pace { free: now };
        Self { socket, sessions, ending, session, pace, typed: Vec::new(), size: None, sent: 0, seen: 0, heard: now, in_use: false }
    }

    /// Until one side ends.
    pub(super) async fn run(&mut self, shell: &mut Shell) -> Over {
        self.speak(shell).await.unwrap_or(Over::Gone)
    }

    async fn speak(&mut self, shell: &mut Shell) -> Option<Over> {
        self.send(Message::text(json!({ "opened": shell.pod }).to_string())).await?;
        let mut endings = self.sessions.endings();
        let (mut ping, mut check) = (every(PING), every(CHECK));
        let mut piece = vec![0; CHUNK];
        loop {
            let (free, is_free) = (self.pace.free, self.pace.is_free(Instant::now()));
            let size = self.size;
            tokio::select! {
                () = self.ending.begins() => return Some(Over::Told(Ended::Stopping)),
                _ = check.tick() => if !self.is_signed_in().await { return Some(Over::Told(Ended::SignedOut)) },
                changed = endings.changed() => {
                    changed.ok()?;
                    if !self.is_signed_in().await {
                        return Some(Over::Told(Ended::SignedOut));
                    }
                }
                _ = ping.tick() => {
                    if self.heard.elapsed() > SILENCE {
                        return None;
                    }
                    self.send(Message::Ping(Vec::new().into())).await?;
                }
                message = self.socket.recv(), if is_free => match self.hear(message?) {
                    Heard::Something => {}
                    Heard::Goodbye => return None,
                    Heard::Wrong(ended) => return Some(Over::Told(ended)),
                },
                () = sleep_until(free), if !is_free => {}
                written = shell.input.write(&self.typed), if !self.typed.is_empty() => {
                    // Nobody reads it any more: the output ends too.
                    let written = written.unwrap_or(self.typed.len());
                    self.typed.drain(..written);
                }
                () = shell.sizes.tell(size.unwrap_or((1, 1))), if size.is_some() => self.size = None,
                read = shell.output.read(&mut piece), if self.sent.saturating_sub(self.seen) < WINDOW => {
                    let read = read.unwrap_or_default();
                    if read == 0 {
                        return Some(Over::Shell);
                    }
                    self.sent += read as u64;
                    self.send(Message::binary(piece[..read].to_vec())).await?;
                }
            }
        }
    }

    fn hear(&mut self, message: Result<Message, axum::Error>) -> Heard {
        self.heard = Instant::now();
        let message = match message {
            Ok(message) => message,
            // Too long, or not a WebSocket's: the browser cannot go on in either case.
            Err(_) => return Heard::Wrong(Ended::TooLarge),
        };
        match message {
            Message::Binary(typed) => {
                self.pace.take(typed.len(), self.heard);
                self.in_use = true;
                if self.typed.len() + typed.len() > PASTE {
                    return Heard::Wrong(Ended::Unread);
                }
                self.typed.extend_from_slice(&typed);
            }
            Message::Text(text) => {
                self.pace.take(text.len(), self.heard);
                match serde_json::from_str(text.as_str()) {
                    Ok(Told::Resize { columns, rows }) => self.size = Some(cells(columns, rows)),
                    Ok(Told::Seen(seen)) if seen <= self.sent => self.seen = self.seen.max(seen),
                    Ok(Told::Seen(_)) | Err(_) => return Heard::Wrong(Ended::Unknown),
                }
            }
            Message::Ping(_) | Message::Pong(_) => self.pace.take(0, self.heard),
            Message::Close(_) => return Heard::Goodbye,
        }
        Heard::Something
    }

    /// Typing keeps a session alive, as opening pages does.
    async fn is_signed_in(&mut self) -> bool {
        let lives = if take(&mut self.in_use) {
            self.sessions.load(&self.session).await.is_ok_and(|record| record.is_none()).then_some(false)
        } else {
            self.sessions.lives(&self.session).await.ok()
        };
        // An unanswered question is no sign-out.
        lives != Some(false)
    }

    /// Nothing if the browser is gone.
    async fn send(&mut self, message: Message) -> Option<()> {
        timeout(PATIENCE, self.socket.send(message)).await.ok()?.ok()
    }

    /// Says why it is over, and waits a moment until it was heard.
    pub(super) async fn close(mut self, ended: &Ended) {
        let frame = CloseFrame { code: ended.code(), reason: ended.to_string().into() };
        if self.send(Message::Close(Some(frame))).await.is_some() {
            let goodbye = async { while let Some(Ok(_)) = self.socket.recv().await {} };
            // Whoever does not answer has been told all the same.
            drop(timeout(GOODBYE, goodbye).await);
        }
    }
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut every = interval_at(Instant::now() + period, period);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    every
}

/// Who ended it.
pub(super) enum Over {
    /// The shell itself, or its pod.
    Shell,
    /// The portal; the browser is to be told.
    Told(Ended),
    /// The browser.
    Gone,
}

enum Heard {
    Something,
    Goodbye,
    Wrong(Ended),
}

/// How fast a browser may speak: a thousand messages or a mebibyte in a second, and a second's worth of them at once.
struct Pace {
    /// When the next message is read.
    free: Instant,
}

impl Pace {
    const BURST: Duration = Duration::from_secs(1);

    fn take(&mut self, bytes: usize, now: Instant) {
        let cost = Duration::from_millis(1).max(Duration::from_nanos(bytes as u64 * 1_000_000_000 / (1 << 20)));
        self.free = self.free.max(now - Self::BURST) + cost;
    }

    fn is_free(&self, now: Instant) -> bool {
        self.free <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c5_099_a_thousand_messages_are_read_in_a_second_and_not_more() {
        let now = Instant::now() + Duration::from_secs(10);
        let mut pace = Pace { free: now - Duration::from_secs(10) };
        let read = |pace: &mut Pace, now| {
            let mut read = 0;
            while pace.is_free(now) {
                pace.take(1, now);
                read += 1;
            }
            read
        };
        assert_eq!(read(&mut pace, now), 1001, "a second's worth at once");
        assert_eq!(read(&mut pace, now + Duration::from_millis(500)), 500);
    }
}
