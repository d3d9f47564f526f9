//! Who gets a shell in a running task, and what may be sent through its socket? Asked as a browser does, with a real kubelet behind it.

use crate::portal::{Portal, Site};
use crate::tasks::{Stage, json_of};
use crate::tokens::token;
use crate::visitor::{Page, Visitor};
use anyhow::{Context, Result, bail, ensure};
use domain::task::{Task, TaskState};
use futures::{SinkExt, StreamExt};
use ground::Ground;
use records::{Filter, Line};
use reqwest::{Method, StatusCode, header::ACCEPT};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, ClientRequestBuilder, Message, http::Uri};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(60);
const STAYS: &str = "trap 'exit 0' TERM; while :; do sleep 0.2; done";

impl Stage {
    async fn running(&self, run: &str) -> Result<Task> {
        let task = self.submit("stays", run).await?;
        self.until(&task, |task| task.state == TaskState::Running).await
    }
}

async fn ask(portal: &impl Site, who: &mut Visitor, path: &str) -> Result<Page> {
    let with = |request: reqwest::RequestBuilder| {
        request.form(&[("rank", "0")]).header(ACCEPT, "application/json").header("sec-fetch-site", "same-origin")
    };
    who.send(Method::POST, &portal.at(path), with).await
}

/// Where the socket is, with its ticket.
async fn ticket(portal: &impl Site, who: &mut Visitor, task: &str) -> Result<String> {
    let page = ask(portal, who, &format!("/tasks/{task}/shell")).await?;
    ensure!(page.status == StatusCode::OK, "no ticket: {page:?}");
    Ok(json_of(&page)?["socket"].as_str().context("a socket")?.to_owned())
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The socket, or the status and the body of the refusal.
async fn dial(portal: &impl Site, path: &str, headers: &[(&str, String)]) -> Result<Result<Socket, (u16, String)>> {
    let uri: Uri = portal.at(path).replacen("http", "ws", 1).parse()?;
    let request = headers.iter().fold(ClientRequestBuilder::new(uri), |request, (name, value)| request.with_header(*name, value));
    match connect_async(request).await {
        Ok((socket, _)) => Ok(Ok(socket)),
        Err(tungstenite::Error::Http(answer)) => {
            let text = answer.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
            Ok(Err((answer.status().as_u16(), text)))
        }
        Err(error) => Err(error.into()),
    }
}

fn browser(portal: &impl Site, who: &Visitor) -> Vec<(&'static str, String)> {
    vec![("cookie", format!("stowage={}", who.session(portal).unwrap_or_default())), ("origin", portal.url().to_owned())]
}

/// A shell as a page has it.
pub struct Shell {
    socket: Socket,
    shown: Vec<u8>,
    /// Whether it says what was shown.
    tells: bool,
}

impl Shell {
    async fn open(portal: &Portal, who: &mut Visitor, task: &Task) -> Result<Self> {
        Self::open_in(portal, who, task.id.as_str()).await
    }

    pub async fn open_in(portal: &impl Site, who: &mut Visitor, task: &str) -> Result<Self> {
        let path = ticket(portal, who, task).await?;
        let socket = dial(portal, &path, &browser(portal, who)).await?.map_err(|refusal| anyhow::anyhow!("refused: {refusal:?}"))?;
        let mut shell = Self { socket, shown: Vec::new(), tells: true };
        let Some(Message::Text(opened)) = shell.next().await? else { bail!("it is not said to be open") };
        ensure!(opened.contains("opened"), "{opened}");
        Ok(shell)
    }

    async fn next(&mut self) -> Result<Option<Message>> {
        let message = timeout(PATIENCE, self.socket.next()).await.context("nothing comes")?.transpose()?;
        if let Some(Message::Binary(bytes)) = &message {
            self.shown.extend_from_slice(bytes);
            if self.tells {
                self.tell(json!({ "seen": self.shown.len() })).await?;
            }
        }
        Ok(message)
    }

    async fn tell(&mut self, told: Value) -> Result<()> {
        Ok(self.socket.send(Message::text(told.to_string())).await?)
    }

    async fn types(&mut self, text: &str) -> Result<()> {
        Ok(self.socket.send(Message::binary(text.as_bytes().to_vec())).await?)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Types it; what is shown until this is.
    async fn until(&mut self, typed: &str, shown: &str) -> Result<String> {
        self.types(typed).await?;
        while !self.text().contains(shown) {
            if let Some(Message::Close(frame)) = self.next().await? {
                bail!("closed, {frame:?}: {}", self.text());
            }
        }
        Ok(self.text())
    }

    /// The code and the reason of its end.
    pub async fn end(&mut self) -> Result<(u16, String)> {
        loop {
            match self.next().await? {
                Some(Message::Close(Some(frame))) => return Ok((frame.code.into(), frame.reason.to_string())),
                Some(Message::Close(None)) | None => bail!("it ended without a word"),
                Some(_) => {}
            }
        }
    }
}

/// What is on record of shells, oldest first.
async fn trail(portal: &Portal) -> Result<Vec<Line>> {
    let (mut lines, _) = portal.records.audit().page(&Filter::default(), None).await?;
    lines.retain(|line| line.verb.as_str().starts_with("shell."));
    lines.reverse();
    Ok(lines)
}

/// The same once it holds so many lines: the last one is written when its socket is closed.
async fn whole_trail(portal: &Portal, lines: usize) -> Result<Vec<String>> {
    let mut look = tokio::time::interval(Duration::from_millis(20));
    let whole = async {
        loop {
            look.tick().await;
            let found = trail(portal).await?;
            if found.len() >= lines {
                return anyhow::Ok(found.iter().map(|line| format!("{} {}", line.verb, line.outcome)).collect());
            }
        }
    };
    timeout(PATIENCE, whole).await.context("the trail is written")?
}

/// 4.10, 4.48
#[tokio::test]
async fn g4_10_a_person_types_in_a_running_task_and_reads_how_it_ended() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let detail = stage.read(&mut alice, &format!("/tasks/{}", task.id)).await?;
    assert!(detail.contains("Open a shell") && detail.contains(&format!("href=\"/tasks/{}/shell\"", task.id)), "{detail}");
    let page = stage.read(&mut alice, &format!("/tasks/{}/shell", task.id)).await?;
    let kubectl = format!("kubectl -n {} exec -it {} -c task -- /bin/sh", stage.namespace(), task.pods[0].name);
    for text in [kubectl.as_str(), "needs scripts", "To leave the terminal with the keyboard"] {
        assert!(page.contains(text), "{text}: {page}");
    }

    let mut shell = Shell::open(&stage.portal, &mut alice, &task).await?;
    shell.tell(json!({ "resize": { "columns": 91, "rows": 33 } })).await?;
    let shown = shell.until("cd /tmp; echo written > out; cat out; stty size; echo $((40 + 2))-end\n", "42-end").await?;
    assert!(shown.contains("written") && shown.contains("33 91"), "{shown}");
    // Numbers that no terminal can have.
    shell.tell(json!({ "resize": { "columns": 65_535, "rows": 65_535 } })).await?;
    let shown = shell.until("stty size; echo $((50 + 2))-end\n", "52-end").await?;
    assert!(shown.contains("500 500"), "{shown}");
    shell.types("exit 7\n").await?;
    assert_eq!(shell.end().await?, (1000, "The shell has ended with exit code 7.".to_owned()));
    assert_eq!(whole_trail(&stage.portal, 2).await?, ["shell.open done", "shell.end done"]);

    stage.alice.owned_task(&task.id).await?.stop(&task.uid).await?;
    stage.until(&task, |task| task.state == TaskState::Stopped).await?;
    let over = stage.read(&mut alice, &format!("/tasks/{}/shell", task.id)).await?;
    assert!(over.contains("this one does not run now") && !over.contains("data-shell"), "{over}");
    assert!(!stage.read(&mut alice, &format!("/tasks/{}", task.id)).await?.contains("Open a shell"));
    let asked = ask(&stage.portal, &mut alice, &format!("/tasks/{}/shell", task.id)).await?;
    assert_eq!(asked.status, StatusCode::CONFLICT, "{}", asked.text);
    Ok(())
}

#[tokio::test]
async fn c2_023_only_the_portals_own_page_opens_a_socket() -> Result<()> {
    let stage = Stage::new().await?;
    let portal = &stage.portal;
    let mut alice = Visitor::signed_in(portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let path = ticket(portal, &mut alice, task.id.as_str()).await?;
    let own = browser(portal, &alice);
    let port = portal.address.port();
    let strange = [
        "null".to_owned(),
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        format!("http://127.0.0.1:{port}.evil.example"),
        format!("http://localhost:{port}"),
        format!("HTTP://127.0.0.1:{port}/"),
    ];
    for origin in strange.iter().map(Some).chain([None]) {
        let mut headers = own[..1].to_vec();
        headers.extend(origin.map(|origin| ("origin", origin.clone())));
        // What a program may add does not help.
        headers.push(("sec-fetch-site", "same-origin".to_owned()));
        let (status, text) = dial(portal, &path, &headers).await?.err().context(format!("{origin:?} opened it"))?;
        assert_eq!(status, 403, "{origin:?}: {text}");
    }
    let twice = [own.clone(), own[1..].to_vec()].concat();
    assert!(dial(portal, &path, &twice).await?.is_err(), "two origins");
    assert!(trail(portal).await?.is_empty(), "nothing was opened");

    // Without a ticket, with one of another session, another rank, or one that was used.
    let mut elsewhere = Visitor::signed_in(portal, "alice").await?;
    let (bare, of_another) = (format!("/tasks/{}/shell/socket?rank=0", task.id), ticket(portal, &mut elsewhere, task.id.as_str()).await?);
    for wrong in [bare.as_str(), &of_another, &path.replace("rank=0", "rank=1"), &format!("{bare}&ticket=AAAA")] {
        assert_eq!(dial(portal, wrong, &own).await?.err().map(|(status, _)| status), Some(403), "{wrong}");
    }
    let opened = dial(portal, &path, &own).await?;
    assert!(opened.is_ok(), "the ticket was not used up by others");
    assert_eq!(dial(portal, &path, &own).await?.err().map(|(status, _)| status), Some(403), "a ticket is good once");

    // A form of another site gets no ticket.
    let cross = |request: reqwest::RequestBuilder| request.form(&[("rank", "0")]).header("sec-fetch-site", "cross-site");
    let refused = alice.send(Method::POST, &portal.at(&format!("/tasks/{}/shell", task.id)), cross).await?;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    Ok(())
}

#[tokio::test]
async fn c3_040_051_anothers_shell_is_as_absent_as_none_and_no_pod_can_be_named() -> Result<()> {
    let stage = Stage::new().await?;
    let portal = &stage.portal;
    let (mut alice, mut bob) = (Visitor::signed_in(portal, "alice").await?, Visitor::signed_in(portal, "bob").await?);
    let mut admin = Visitor::signed_in(portal, "admin").await?;
    let task = stage.running(STAYS).await?;
    let alices = ticket(portal, &mut alice, task.id.as_str()).await?;
    for prefix in ["/tasks", "/admin/tasks"] {
        let there = ask(portal, &mut bob, &format!("{prefix}/{}/shell", task.id)).await?;
        let random = ask(portal, &mut bob, &format!("{prefix}/zzzzzzzz/shell")).await?;
        let said = |page: &Page| (page.status, json_of(page).map(|told| told["message"].clone()).ok());
        assert_eq!(said(&there), said(&random));
        assert_eq!(there.status.as_u16(), if prefix == "/tasks" { 404 } else { 403 });
    }
    let stolen = dial(portal, &alices, &browser(portal, &bob)).await?.err().map(|(status, _)| status);
    assert_eq!(stolen, Some(404), "with the ticket of another person");
    // 113: a token is nobody's outside of the API.
    let bearer = token(portal, &mut alice).await?;
    let headers = [("authorization", format!("Bearer {bearer}")), ("origin", portal.url.clone())];
    assert_eq!(dial(portal, &alices, &headers).await?.err().map(|(status, _)| status), Some(401));
    for rank in ["v/exec?command=id", "-1", "0&command=id", "4294967296", "task"] {
        let with = |request: reqwest::RequestBuilder| {
            request.form(&[("rank", rank)]).header(ACCEPT, "application/json").header("sec-fetch-site", "same-origin")
        };
        let page = alice.send(Method::POST, &portal.at(&format!("/tasks/{}/shell", task.id)), with).await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{rank}: {}", page.text);
    }

    // Administrators have a page of their own, and are on record with whose it is.
    let own = ask(portal, &mut admin, &format!("/tasks/{}/shell", task.id)).await?;
    assert_eq!(own.status, StatusCode::NOT_FOUND, "it is not theirs");
    let page = stage.read(&mut admin, &format!("/admin/tasks/{}/shell", task.id)).await?;
    assert!(page.contains("another person’s task"), "{page}");
    let asked = ask(portal, &mut admin, &format!("/admin/tasks/{}/shell", task.id)).await?;
    let path = json_of(&asked)?["socket"].as_str().context("a socket")?.to_owned();
    let socket = dial(portal, &path, &browser(portal, &admin)).await?.map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
    let mut shell = Shell { socket, shown: Vec::new(), tells: true };
    shell.until("echo $((40 + 2))-end; exit\n", "42-end").await?;
    shell.end().await?;
    whole_trail(portal, 4).await?;
    let lines = trail(portal).await?;
    let opened = lines.iter().find(|line| line.outcome == "done").context("it is on record")?;
    assert_eq!((opened.username.as_str(), opened.object_id.as_str(), opened.object_name.as_str()), ("admin", task.id.as_str(), "stays"));
    assert!(!opened.owner.is_empty() && opened.owner_name.contains("alice"), "{opened:?}");
    Ok(())
}

#[tokio::test]
async fn c5_098_what_an_address_says_beside_its_ticket_is_not_read() -> Result<()> {
    let stage = Stage::new().await?;
    let portal = &stage.portal;
    let mut alice = Visitor::signed_in(portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let more = "command=touch%20%2Ftmp%2Fevil&image=evil&container=evil&pod=evil&tty=false";
    let page = stage.read(&mut alice, &format!("/tasks/{}/shell?{more}", task.id)).await?;
    assert!(!page.contains("evil"), "{page}");
    let asked = ask(portal, &mut alice, &format!("/tasks/{}/shell?{more}", task.id)).await?;
    let path = format!("{}&{more}", json_of(&asked)?["socket"].as_str().context("a socket")?);
    assert!(!path.split('&').nth(1).unwrap_or_default().contains("evil"), "{path}");
    let socket = dial(portal, &path, &browser(portal, &alice)).await?.map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
    let mut shell = Shell { socket, shown: Vec::new(), tells: true };
    let shown = shell.until("ls /tmp; tty; echo $((40 + 2))-end\n", "42-end").await?;
    assert!(!shown.contains("evil") && shown.contains("/dev/pts/"), "{shown}");
    Ok(())
}

#[tokio::test]
async fn c5_099_messages_that_no_page_sends_end_the_shell_and_nothing_else() -> Result<()> {
    let stage = Stage::new().await?;
    let portal = &stage.portal;
    let mut alice = Visitor::signed_in(portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let deep = "[".repeat(60_000);
    for text in ["", "{}", r#"{"exec":"id"}"#, r#"{"resize":{"columns":-1,"rows":1}}"#, r#"{"seen":99999999}"#, deep.as_str()] {
        let mut shell = Shell::open(portal, &mut alice, &task).await?;
        shell.socket.send(Message::text(text)).await?;
        assert_eq!(shell.end().await?.0, 1003, "{text:.40}");
    }
    let mut shell = Shell::open(portal, &mut alice, &task).await?;
    shell.socket.send(Message::binary(vec![b'x'; (64 << 10) + 1])).await?;
    assert_eq!(shell.end().await?.0, 1009);
    let mut shell = Shell::open(portal, &mut alice, &task).await?;
    // Whoever sends 64 MiB may find the connection closed before all is sent.
    let sent = shell.socket.send(Message::text("x".repeat(64 << 20))).await;
    let end = shell.end().await;
    assert!(sent.is_err() || end.is_err() || end.is_ok_and(|(code, _)| code == 1009), "it goes on");

    // Garbage is typed garbage; many small messages are read one after the other, and none is lost.
    let mut shell = Shell::open(portal, &mut alice, &task).await?;
    shell.until("stty -echo; echo $((30 + 2))-quiet; wc -c\n", "32-quiet").await?;
    let begun = Instant::now();
    for _ in 0..3000 {
        shell.socket.feed(Message::binary(vec![b'\n'])).await?;
    }
    shell.socket.flush().await?;
    shell.until("\x04", "3000").await?;
    assert!(begun.elapsed() > Duration::from_millis(1500), "a thousand in a second: {:?}", begun.elapsed());
    Ok(())
}

#[tokio::test]
async fn c5_100_output_that_nobody_takes_waits_in_its_program_and_not_in_the_portal() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let mut shell = Shell::open(&stage.portal, &mut alice, &task).await?;
    shell.tells = false;
    shell.types("stty -echo; yes | tr -d '\\n' | head -c 8388608; echo $((40 + 2))-end\n").await?;
    while timeout(Duration::from_secs(3), shell.next()).await.is_ok() {}
    let window = 256 << 10;
    assert!(shell.shown.len() >= window && shell.shown.len() < window + (16 << 10), "{} bytes came", shell.shown.len());
    // What is typed meanwhile is read meanwhile.
    shell.tells = true;
    shell.tell(json!({ "seen": shell.shown.len() })).await?;
    while !shell.shown.ends_with(b"$ ") || !shell.shown.windows(6).rev().take(64).any(|end| end == b"42-end") {
        shell.next().await?;
    }
    assert!(shell.shown.len() > 8_388_608, "{}", shell.shown.len());
    Ok(())
}

#[tokio::test]
async fn c6_104_a_person_has_five_shells_at_a_time() -> Result<()> {
    let stage = Stage::new().await?;
    let portal = &stage.portal;
    let mut alice = Visitor::signed_in(portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let early = ticket(portal, &mut alice, task.id.as_str()).await?;
    let mut shells = Vec::new();
    for _ in 0..5 {
        shells.push(Shell::open(portal, &mut alice, &task).await?);
    }
    let sixth = ask(portal, &mut alice, &format!("/tasks/{}/shell", task.id)).await?;
    assert_eq!(sixth.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(sixth.text.contains("5 shells open") && sixth.headers.contains_key("retry-after"), "{sixth:?}");
    assert_eq!(dial(portal, &early, &browser(portal, &alice)).await?.err().map(|(status, _)| status), Some(429), "an earlier ticket");
    // Administrators are others.
    let mut admin = Visitor::signed_in(portal, "admin").await?;
    assert_eq!(ask(portal, &mut admin, &format!("/admin/tasks/{}/shell", task.id)).await?.status, StatusCode::OK);
    let mut first = shells.remove(0);
    first.types("exit\n").await?;
    first.end().await?;
    drop(first);
    whole_trail(portal, 8).await?;
    let mut free = ask(portal, &mut alice, &format!("/tasks/{}/shell", task.id)).await?;
    let mut look = tokio::time::interval(Duration::from_millis(20));
    while free.status == StatusCode::TOO_MANY_REQUESTS {
        look.tick().await;
        free = ask(portal, &mut alice, &format!("/tasks/{}/shell", task.id)).await?;
    }
    assert_eq!(free.status, StatusCode::OK, "a place is given back");
    Ok(())
}

#[tokio::test]
async fn c2_032_a_session_that_ends_takes_its_shells_with_it() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let mut shell = Shell::open(&stage.portal, &mut alice, &task).await?;
    shell.until("echo $((40 + 2))-end\n", "42-end").await?;
    let begun = Instant::now();
    alice.post(&stage.portal.at("/auth/logout"), &[]).await?;
    assert_eq!(shell.end().await?.0, 4401);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    Ok(())
}

#[tokio::test]
async fn d_20_a_pod_that_goes_ends_its_shell_with_the_reason() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let mut shell = Shell::open(&stage.portal, &mut alice, &task).await?;
    shell.until("echo $((40 + 2))-end\n", "42-end").await?;
    let path = format!("/api/v1/namespaces/{}/pods/{}?gracePeriodSeconds=0", stage.namespace(), task.pods[0].name);
    Ground::current().await?.admin().delete(&path).await?;
    assert_eq!(shell.end().await?, (4410, "The pod is gone or its task is over, and the shell with it.".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_shell_whose_browser_goes_ends_with_what_ran_in_it() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let mut shell = Shell::open(&stage.portal, &mut alice, &task).await?;
    shell.until("echo $$ > /tmp/pid; echo $((40 + 2))-end; sleep 1000\n", "42-end").await?;
    drop(shell);
    let mut next = Shell::open(&stage.portal, &mut alice, &task).await?;
    next.until("while kill -0 $(cat /tmp/pid) 2>/dev/null; do sleep 0.2; done; echo $((50 + 2))-gone\n", "52-gone").await?;
    Ok(())
}

#[tokio::test]
async fn d_22_a_portal_that_stops_says_so_to_its_shells_and_writes_their_ends_down() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let mut shells = [Shell::open(&stage.portal, &mut alice, &task).await?, Shell::open(&stage.portal, &mut alice, &task).await?];
    stage.portal.end.now();
    for shell in &mut shells {
        assert_eq!(shell.end().await?.0, 1012);
    }
    timeout(Duration::from_secs(5), stage.portal.records.settled()).await.context("nothing holds the stop up")?;
    let ends = whole_trail(&stage.portal, 4).await?;
    assert_eq!(ends.iter().filter(|line| *line == "shell.end done").count(), 2, "{ends:?}");
    Ok(())
}

#[tokio::test]
async fn d_35_without_an_upgrade_it_is_said_what_is_missing() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.running(STAYS).await?;
    let path = ticket(&stage.portal, &mut alice, task.id.as_str()).await?;
    let plain = alice.ask(&stage.portal.at(&path)).await?;
    assert_eq!(plain.status.as_u16(), 426);
    assert!(plain.text.contains("a proxy on the way takes WebSockets out"), "{}", plain.text);
    assert!(dial(&stage.portal, &path, &browser(&stage.portal, &alice)).await?.is_ok(), "the ticket is still good");
    Ok(())
}

#[tokio::test]
async fn without_the_right_or_when_switched_off_it_is_said_why_there_is_no_shell() -> Result<()> {
    let off = Stage::with(&[("shell.enabled", "false")]).await?;
    let mut alice = Visitor::signed_in(&off.portal, "alice").await?;
    let task = off.running(STAYS).await?;
    assert!(!off.read(&mut alice, &format!("/tasks/{}", task.id)).await?.contains("Open a shell"));
    assert!(off.read(&mut alice, &format!("/tasks/{}/shell", task.id)).await?.contains("Shells are switched off"));
    assert_eq!(ask(&off.portal, &mut alice, &format!("/tasks/{}/shell", task.id)).await?.status, StatusCode::FORBIDDEN);

    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let mut admin = Visitor::signed_in(&stage.portal, "admin").await?;
    let cluster = Ground::current().await?;
    let role = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles/stowage", stage.namespace());
    let mut rules = cluster.admin().get(&role).await?["rules"].clone();
    rules.as_array_mut().context("rules")?.retain(|rule| rule["resources"] != json!(["pods/exec"]));
    cluster.admin().patch_merge(&role, &json!({ "rules": rules })).await?;
    // The API server hears of its own roles a moment later.
    let mut pace = tokio::time::interval(Duration::from_millis(50));
    let looked = async {
        while !stage.portal.cluster.review_rights(false).await?.lacks("get", "pods/exec") {
            pace.tick().await;
        }
        anyhow::Ok(())
    };
    timeout(PATIENCE, looked).await??;
    let task = stage.running(STAYS).await?;
    assert!(!stage.read(&mut alice, &format!("/tasks/{}", task.id)).await?.contains("shell"));
    let told = ask(&stage.portal, &mut alice, &format!("/tasks/{}/shell", task.id)).await?;
    assert!(told.text.contains("lacks a right in the cluster") && !told.text.contains("pods/exec"), "{}", told.text);
    assert!(stage.read(&mut admin, &format!("/admin/tasks/{}", task.id)).await?.contains("Why is there no shell?"));
    let page = stage.read(&mut admin, &format!("/admin/tasks/{}/shell", task.id)).await?;
    assert!(page.contains("get and create pods/exec") && page.contains("kubectl auth can-i"), "{page}");
    Ok(())
}
