//! What stands between portal and API server and spoils single requests? A plain HTTP proxy in front of the real one.

use ground::Ground;
use serde_json::{Value, json};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

pub enum Fault {
    /// Answers this instead of the API server.
    Answer(u16, Value),
    /// Lets the API server do it and hangs up without the answer.
    LoseAnswer,
    /// Hangs up before the API server hears of it.
    LoseRequest,
    /// Passes it on after this time.
    Late(Duration),
}

/// Asked for every request, as `DELETE /api/v1/...`; `None` lets it pass.
type Rule = Box<dyn FnMut(&str) -> Option<Fault> + Send>;

pub struct Interference {
    pub kubeconfig: PathBuf,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    api: String,
    client: reqwest::Client,
    rule: Mutex<Rule>,
    heard: Mutex<Vec<String>>,
    /// What requests said of who asks.
    credentials: Mutex<Vec<String>>,
    hang_up: watch::Sender<()>,
}

impl Interference {
    pub async fn start(ground: &Ground) -> Self {
        let mut kubeconfig: Value = serde_json::from_slice(&std::fs::read(ground.portal_kubeconfig()).unwrap()).unwrap();
        let cluster = kubeconfig.pointer_mut("/clusters/0/cluster").unwrap();
        let authority = reqwest::Certificate::from_pem(&authority(cluster)).unwrap();
        let client = reqwest::Client::builder().tls_certs_only([authority]).no_proxy().build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        *cluster = json!({"server": format!("http://{address}")});
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("interference-{}", address.port()));
        std::fs::write(&file, kubeconfig.to_string()).unwrap();
        let shared = Arc::new(Shared {
            api: format!("https://{}", ground.api_address()),
            client,
            rule: Mutex::new(Box::new(|_| None)),
            heard: Mutex::default(),
            credentials: Mutex::default(),
            hang_up: watch::Sender::new(()),
        });
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Self { kubeconfig: file, shared, listening }
    }

    pub fn spoil(&self, rule: impl FnMut(&str) -> Option<Fault> + Send + 'static) {
        *self.shared.rule.lock().unwrap() = Box::new(rule);
    }

    /// Ends every answer that is still being given, such as an open watch.
    pub fn hang_up(&self) {
        self.shared.hang_up.send_replace(());
    }

    /// How many requests began like this, the spoilt ones included.
    pub fn heard(&self, start: &str) -> usize {
        self.shared.heard.lock().unwrap().iter().filter(|request| request.starts_with(start)).count()
    }
}

impl Interference {
    /// The requests that are so, in their order.
    pub fn asked(&self, is_so: impl Fn(&str) -> bool) -> Vec<String> {
        self.shared.heard.lock().unwrap().iter().filter(|request| is_so(request)).cloned().collect()
    }

    /// How many requests came with this token.
    pub fn heard_by(&self, token: &str) -> usize {
        let bearer = format!("Bearer {token}");
        self.shared.credentials.lock().unwrap().iter().filter(|said| **said == bearer).count()
    }
}

impl Drop for Interference {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn authority(cluster: &Value) -> Vec<u8> {
    let text = cluster["certificate-authority-data"].as_str().unwrap_or_default();
    data_encoding::BASE64.decode(text.as_bytes()).unwrap()
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // Either side may hang up; that is what this is for.
            let _hung_up = answer(stream, &shared).await;
        });
    }
}

/// One request per connection: `connection: close` keeps it that simple.
async fn answer(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let request = line.rsplit_once(' ').map_or("", |(request, _)| request).to_owned();
    let (method, path) = request.split_once(' ').unwrap_or_default();
    let mut asked = shared.client.request(method.parse().map_err(io::Error::other)?, format!("{}{path}", shared.api));
    let mut length = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await?;
        let Some((name, value)) = header.trim().split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().map_err(io::Error::other)?,
            "authorization" => {
                shared.credentials.lock().unwrap().push(value.to_owned());
                asked = asked.header(name, value);
            }
            "content-type" | "accept" => asked = asked.header(name, value),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    shared.heard.lock().unwrap().push(request.clone());
    let fault = (shared.rule.lock().unwrap())(&request);
    if let Some(Fault::Answer(status, body)) = &fault {
        let head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n{body}");
        return stream.write_all(head.as_bytes()).await;
    }
    if matches!(fault, Some(Fault::LoseRequest)) {
        return Ok(());
    }
    if let Some(Fault::Late(time)) = &fault {
        tokio::time::sleep(*time).await;
    }
    let mut answer = asked.body(body).send().await.map_err(io::Error::other)?;
    if matches!(fault, Some(Fault::LoseAnswer)) {
        return Ok(());
    }
    let head = format!("HTTP/1.1 {} x\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n", answer.status().as_u16());
    stream.write_all(head.as_bytes()).await?;
    let mut hang_up = shared.hang_up.subscribe();
    loop {
        let chunk = tokio::select! {
            chunk = answer.chunk() => chunk.map_err(io::Error::other)?,
            _ = hang_up.changed() => None,
        };
        let Some(chunk) = chunk else { return Ok(()) };
        stream.write_all(&chunk).await?;
    }
}
