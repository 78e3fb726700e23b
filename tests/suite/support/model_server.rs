//! A model behind real HTTP: a server on this machine that speaks OpenAI's chat completions by a script.
//!
//! Each request takes the first reply of the script that is meant for it. The script says exactly what goes over the wire
//! and when: where bytes are split, what waits for the test, where the connection is cut. A request that the script does not
//! expect and a reply that nobody asked for both fail the test.

#![allow(dead_code, reason = "the suite and the benchmark each use a part of it")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The key that [`ModelServer::point`] gives to the program.
pub const KEY: &str = "sk-canary-0123456789abcdef0123456789abcdef";
/// The model that answers, by its own account.
pub const SERVED: &str = "double-2026-11-23";
/// Longer than anything takes; what waits longer is broken.
const PATIENCE: Duration = Duration::from_secs(120);

/// Something that a reply waits for until the test opens it.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn open(&self) {
        *lock(&self.0.0) = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let waited = self.0.1.wait_timeout_while(lock(&self.0.0), PATIENCE, |open| !*open);
        drop(waited);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Send(Vec<u8>),
    Hold(Gate),
    Pause(Duration),
    Cut,
}

/// What the server does with one request.
#[derive(Debug, Clone)]
pub struct Reply {
    to: Option<String>,
    status: u16,
    headers: Vec<(String, String)>,
    before: Vec<Step>,
    body: Vec<Step>,
}

impl Reply {
    fn with(status: u16, content_type: &str) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { to: None, status, headers, before: Vec::new(), body: Vec::new() }
    }

    /// A stream without any chunk yet.
    pub fn stream() -> Self {
        Self::with(200, "text/event-stream")
    }

    /// A whole answer in small pieces, with usage.
    pub fn answer(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        let pieces = letters.chunks(24).map(|piece| piece.iter().collect::<String>());
        pieces.fold(Self::stream(), |reply, piece| reply.piece(&piece)).stop()
    }

    /// A body of JSON, such as an error or an answer of a server that cannot stream.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::with(status, "application/json").raw(body.to_string().as_bytes())
    }

    /// An error in OpenAI's form.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &json!({ "error": { "message": message, "type": code, "code": code, "param": null } }))
    }

    /// A connection that is closed without a word.
    pub fn hang_up() -> Self {
        let mut reply = Self::stream();
        reply.before.push(Step::Cut);
        reply
    }

    /// Silence until the client goes away.
    pub fn silence() -> Self {
        let mut reply = Self::stream();
        reply.before.push(Step::Hold(Gate::new()));
        reply
    }

    /// Meant only for a request whose last message contains this text.
    pub fn to(mut self, text: &str) -> Self {
        self.to = Some(text.to_owned());
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Thinks before the first byte.
    pub fn after(mut self, pause: Duration) -> Self {
        self.before.push(Step::Pause(pause));
        self
    }

    /// One chunk of text.
    pub fn piece(self, text: &str) -> Self {
        self.delta(&json!({ "content": text }), None)
    }

    /// One chunk with any delta.
    pub fn delta(self, delta: &Value, finish: Option<&str>) -> Self {
        self.event(&json!({
            "id": "chatcmpl-double",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": SERVED,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
        }))
    }

    /// One event of the stream, whatever its content.
    pub fn event(self, value: &Value) -> Self {
        self.raw(format!("data: {value}\n\n").as_bytes())
    }

    /// Bytes as they are, in one chunk of the transport.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.body.push(Step::Send(bytes.to_vec()));
        self
    }

    /// Waits here for the test.
    pub fn hold(mut self, gate: &Gate) -> Self {
        self.body.push(Step::Hold(gate.clone()));
        self
    }

    /// Breaks the connection here, in the middle of the body.
    pub fn cut(mut self) -> Self {
        self.body.push(Step::Cut);
        self
    }

    /// The last chunk: why the model stopped.
    pub fn finish(self, reason: &str) -> Self {
        self.delta(&json!({}), Some(reason))
    }

    pub fn usage(self, input: u64, output: u64, cached: u64) -> Self {
        self.event(&json!({
            "id": "chatcmpl-double",
            "model": SERVED,
            "choices": [],
            "usage": {
                "prompt_tokens": input,
                "completion_tokens": output,
                "total_tokens": input + output,
                "prompt_tokens_details": { "cached_tokens": cached },
            },
        }))
    }

    pub fn done(self) -> Self {
        self.raw(b"data: [DONE]\n\n")
    }

    /// An ordinary end.
    pub fn stop(self) -> Self {
        self.finish("stop").usage(1100, 70, 300).done()
    }

    /// Splits everything into single bytes: inside UTF-8 characters, lines and events.
    pub fn bytewise(mut self) -> Self {
        let split = |step: Step| match step {
            Step::Send(bytes) => bytes.into_iter().map(|byte| Step::Send(vec![byte])).collect(),
            other => vec![other],
        };
        self.body = self.body.into_iter().flat_map(split).collect();
        self
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Value,
    pub at: Instant,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The texts of the messages, in order.
    pub fn messages(&self) -> Vec<&str> {
        let messages = self.body["messages"].as_array().expect("no messages");
        messages.iter().map(|message| message["content"].as_str().unwrap_or_default()).collect()
    }

    /// The text of the last message: the question.
    pub fn question(&self) -> &str {
        self.messages().last().copied().unwrap_or_default()
    }
}

#[derive(Default)]
struct State {
    script: Vec<Reply>,
    models: Vec<String>,
    requests: Vec<Request>,
    unexpected: Vec<String>,
    gone: BTreeSet<usize>,
    stopping: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The server. Dropping it proves that nothing was left over.
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    finished: bool,
}

impl ModelServer {
    /// A server that answers by this script.
    pub fn with(script: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        lock(&shared.state).script = script.into_iter().collect();
        lock(&shared.state).models = vec!["double".to_owned()];
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                if lock(&accepting.state).stopping {
                    return;
                }
                let serving = Arc::clone(&accepting);
                // A client that goes away in the middle is no fault of the server.
                std::thread::spawn(move || socket.and_then(|socket| serve(&socket, &serving)));
            }
        });
        Self { address, shared, finished: false }
    }

    /// What `GET /v1/models` lists.
    pub fn offering(self, models: &[&str]) -> Self {
        lock(&self.shared.state).models = models.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// Adds to the script.
    pub fn expect(&self, reply: Reply) {
        lock(&self.shared.state).script.push(reply);
    }

    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Points a program at this server, with a key.
    pub fn point<'c>(&self, program: &'c mut Command) -> &'c mut Command {
        program.env("OPENAI_BASE_URL", self.url()).env("OPENAI_API_KEY", KEY)
    }

    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.state).requests.clone()
    }

    /// Waits until this many requests have come.
    #[track_caller]
    pub fn wait_for_requests(&self, count: usize) -> Vec<Request> {
        self.wait(|state| state.requests.len() >= count, "the requests did not come").requests.clone()
    }

    /// Waits until the client of a request, by its number from 0, is gone before its answer ended.
    #[track_caller]
    pub fn wait_for_disconnect(&self, number: usize) {
        drop(self.wait(|state| state.gone.contains(&number), "the client is still there"));
    }

    /// Whether the client of a request went away before its answer ended.
    pub fn saw_disconnect(&self, number: usize) -> bool {
        lock(&self.shared.state).gone.contains(&number)
    }

    /// Fails the test when a request was not expected or a reply was not taken; gives the requests.
    #[track_caller]
    pub fn finish(mut self) -> Vec<Request> {
        self.settle();
        self.requests()
    }

    #[track_caller]
    fn wait(&self, ready: impl Fn(&State) -> bool, problem: &str) -> MutexGuard<'_, State> {
        let state = lock(&self.shared.state);
        let waited = self.shared.changed.wait_timeout_while(state, PATIENCE, |state| !ready(state));
        let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "{problem}");
        state
    }

    #[track_caller]
    fn settle(&mut self) {
        self.finished = true;
        let mut state = lock(&self.shared.state);
        state.stopping = true;
        let (unexpected, left) = (state.unexpected.clone(), state.script.len());
        drop(state);
        // Wakes the listener up so that it ends.
        drop(TcpStream::connect(self.address));
        assert!(unexpected.is_empty(), "requests that the script does not expect:\n{}", unexpected.join("\n"));
        assert_eq!(left, 0, "replies that nobody asked for");
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        if !self.finished && !std::thread::panicking() {
            self.settle();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves the one request of a connection.
fn serve(socket: &TcpStream, shared: &Arc<Shared>) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let Some((line, request)) = read_request(socket)? else { return Ok(()) };
    let (number, reply) = match line.as_str() {
        "GET /v1/models" => {
            let models: Vec<Value> = lock(&shared.state).models.iter().map(|name| json!({ "id": name })).collect();
            (None, Reply::json(200, &json!({ "object": "list", "data": models })))
        }
        "POST /v1/chat/completions" => take(request, shared),
        other => {
            lock(&shared.state).unexpected.push(other.to_owned());
            (None, Reply::error(404, "not_found", "no such address"))
        }
    };
    let ended = Arc::new(Mutex::new(false));
    if let Some(number) = number {
        let (watched, shared, ended) = (socket.try_clone()?, Arc::clone(shared), Arc::clone(&ended));
        std::thread::spawn(move || {
            let mut byte = [0];
            let nothing = !matches!((&watched).read(&mut byte), Ok(1..));
            if nothing && !*lock(&ended) {
                lock(&shared.state).gone.insert(number);
                shared.changed.notify_all();
            }
        });
    }
    let played = play(socket, &reply, &ended);
    *lock(&ended) = true;
    let closed = socket.shutdown(Shutdown::Both);
    played.and(closed)
}

/// Records a request and takes its reply out of the script.
fn take(request: Request, shared: &Shared) -> (Option<usize>, Reply) {
    let mut state = lock(&shared.state);
    let question = request.question().to_owned();
    let meant = |reply: &Reply| reply.to.as_ref().is_none_or(|text| question.contains(text));
    let found = state.script.iter().position(meant);
    let reply = if let Some(index) = found {
        state.script.remove(index)
    } else {
        state.unexpected.push(question.chars().take(400).collect());
        // A status that no client tries again.
        Reply::error(418, "not_in_the_script", "the script of the test does not expect this request")
    };
    state.requests.push(request);
    let number = state.requests.len() - 1;
    shared.changed.notify_all();
    (Some(number), reply)
}

fn read_request(socket: &TcpStream) -> std::io::Result<Option<(String, Request)>> {
    let mut reader = BufReader::new(socket);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
    let line = format!("{method} {path}");
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { headers, body: Value::Null, at: Instant::now() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    request.body = serde_json::from_slice(&body).unwrap_or_default();
    Ok(Some((line, request)))
}

/// Plays a reply. The body goes in chunks of the transport, one for each step, so that the client sees every split.
fn play(mut socket: &TcpStream, reply: &Reply, ended: &Mutex<bool>) -> std::io::Result<()> {
    for step in &reply.before {
        match step {
            Step::Hold(gate) => gate.pass(),
            Step::Pause(pause) => std::thread::sleep(*pause),
            Step::Cut => return Ok(()),
            Step::Send(_) => {}
        }
    }
    let mut head = format!("HTTP/1.1 {} Scripted\r\nconnection: close\r\ntransfer-encoding: chunked\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    socket.write_all(format!("{head}\r\n").as_bytes())?;
    for step in &reply.body {
        match step {
            Step::Send(bytes) => {
                let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
                framed.extend_from_slice(bytes);
                framed.extend_from_slice(b"\r\n");
                socket.write_all(&framed)?;
            }
            Step::Hold(gate) => gate.pass(),
            Step::Pause(pause) => std::thread::sleep(*pause),
            // Without the last chunk the body is broken for every client.
            Step::Cut => return Ok(()),
        }
    }
    // A client that has everything may go.
    *lock(ended) = true;
    socket.write_all(b"0\r\n\r\n")
}
