//! The model inside the program beside llama.cpp, with the same weights, the same number of threads and the same questions:
//! two specs of one pattern, so that the second shares what stands before its spec. Prints numbers, judges none.
//!
//! The other side is the server of `tests/model/serve`, which this starts and ends. The machine should be idle.

#![allow(
    dead_code,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a benchmark shares what the cases have, and prints its figures"
)]

#[path = "../suite/support/repository.rs"]
mod repository;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use codegen::adapter::local::{LocalModel, Sampling, Settings};
use codegen::adapter::openai::{Endpoint, OpenAiModel, list_models};
use codegen::adapter::weights::{Cache, find};
use codegen::port::{Model, ModelRequest, Piece, Purpose, Role};
use codegen::prompt::Message;
use codegen::spec::SpecId;

use repository::TestRepository;

/// Tokens of each answer.
const WRITTEN: u32 = 200;
const PORT: &str = "8099";

/// What one answer took.
struct Figures {
    first: f64,
    reading: f64,
    writing: f64,
    read: u64,
    written: u64,
    text: String,
}

fn main() {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").expect("a home")).join(".cache"));
    let cache = Cache::new(base.join("codegen/models"));
    let Some(weights) = cache.whole(find("qwen2.5-coder-1.5b").expect("it is known")) else {
        eprintln!("SKIPPED: the weights are missing; `codegen model pull` brings them");
        return;
    };
    let questions = questions();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut server = Server::start();
    let endpoint = Endpoint {
        base_url: format!("http://127.0.0.1:{PORT}/v1"),
        key: None,
        model: "qwen2.5-coder-1.5b".to_owned(),
        chosen: String::new(),
    };
    runtime.block_on(server.ready(&endpoint.base_url));
    let there = measure(&runtime, &OpenAiModel::new(endpoint).unwrap(), &questions);
    let there_memory = peak_memory(&server.0.id().to_string());
    drop(server);
    let states = tempfile::tempdir().unwrap();
    let settings = Settings {
        name: "engine".to_owned(),
        chosen: String::new(),
        weights,
        prefixes: Some(states.path().to_owned()),
        speed: None,
        sampling: Sampling::default(),
        context: None,
        guesses: false,
    };
    let engine = LocalModel::new(settings.clone());
    let here = measure(&runtime, &engine, &questions);
    let here_memory = peak_memory("self");
    drop(engine);
    // Once more with guesses, for the writing.
    let engine = LocalModel::new(Settings { guesses: true, ..settings });
    let guessed = measure(&runtime, &engine, &questions);
    let steps = engine.steps();
    for (plain, guessed) in here.iter().zip(&guessed) {
        assert_eq!(plain.text, guessed.text, "a guess changed an answer");
    }
    let mut out = format!("{:<38} {:>10} {:>10} {:>7}\n", "", "engine", "llama.cpp", "ratio");
    let mut row = |name: &str, here: f64, there: f64, ratio: f64| {
        out.push_str(&format!("{name:<38} {here:>10.2} {there:>10.2} {ratio:>7.2}\n"));
    };
    let (first, other) = (&here[0], &there[0]);
    row("prompt, tokens", first.read as f64, other.read as f64, first.read as f64 / other.read as f64);
    row("reading the prompt, tokens/s", first.reading, other.reading, first.reading / other.reading);
    row("writing without guesses, tokens/s", first.writing, other.writing, first.writing / other.writing);
    let (second, other) = (&here[1], &there[1]);
    row("writing the second without guesses", second.writing, other.writing, second.writing / other.writing);
    for (name, guessed, other) in [
        ("writing with guesses, tokens/s", &guessed[0], &there[0]),
        ("writing the second with guesses", &guessed[1], &there[1]),
    ] {
        row(name, guessed.writing, other.writing, guessed.writing / other.writing);
    }
    row("first token of the first spec, s", here[0].first, there[0].first, there[0].first / here[0].first);
    row("first token of the second spec, s", here[1].first, there[1].first, there[1].first / here[1].first);
    row("peak memory, GB", here_memory, there_memory, there_memory / here_memory);
    out.push_str(&format!("second spec sooner than the first: {:.1} times\n", here[0].first / here[1].first));
    out.push_str(&format!("tokens a step, with guesses: {:.1}\n", guessed[1].written as f64 / steps.max(1) as f64));
    print!("{out}");
}

/// The questions for the code of two specs of one pattern, as the program asks them.
fn questions() -> Vec<Vec<Message>> {
    let repository = TestRepository::sample("rust");
    let order = repository.read(".codegen/specs/order-repository.yaml").expect("the sample has this spec");
    let other = order.replace("Order", "Ticket").replace("order", "ticket");
    repository.write(".codegen/specs/ticket-repository.yaml", &other);
    ["order-repository", "ticket-repository"]
        .map(|spec| {
            let ran = repository.run(&["prompt", spec, "--json", "--model", "qwen2.5-coder-1.5b"]).expect(0);
            serde_json::from_str(&ran.stdout).expect("messages")
        })
        .to_vec()
}

fn measure(runtime: &tokio::runtime::Runtime, model: &dyn Model, questions: &[Vec<Message>]) -> Vec<Figures> {
    // A word first, so that loading is not measured.
    let word = vec![Message::new(codegen::prompt::Speaker::User, "Say yes.")];
    runtime.block_on(ask(model, &word, 2));
    questions.iter().map(|messages| runtime.block_on(ask(model, messages, WRITTEN))).collect()
}

async fn ask(model: &dyn Model, messages: &[Message], most: u32) -> Figures {
    let request = ModelRequest {
        purpose: Purpose { spec: SpecId::from_argument("bench"), role: Role::Code, attempt: 1, mend: 0 },
        model: String::new(),
        messages: messages.to_vec(),
        temperature: Some(0.0),
        seed: None,
        max_output_tokens: most,
        schema: None,
    };
    let started = Instant::now();
    let mut first = None;
    let mut on_piece = |piece: Piece<'_>| {
        if matches!(piece, Piece::Text(_)) {
            first.get_or_insert_with(|| started.elapsed().as_secs_f64());
        }
    };
    let completion = model.complete(&request, &mut on_piece).await.expect("an answer");
    let all = started.elapsed().as_secs_f64();
    let usage = completion.usage.expect("counted tokens");
    let first = first.unwrap_or(all);
    Figures {
        first,
        reading: usage.input.saturating_sub(usage.cached) as f64 / first,
        writing: usage.output.saturating_sub(1) as f64 / (all - first).max(1e-9),
        read: usage.input,
        written: usage.output,
        text: completion.text,
    }
}

/// The most memory that a process ever had, in gigabytes.
fn peak_memory(process: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1e6)
}

/// The server, until it is dropped.
struct Server(Child);

impl Server {
    fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model/serve");
        let threads = std::thread::available_parallelism().unwrap().to_string();
        let child = Command::new(script).env("PORT", PORT).env("THREADS", threads).stdout(Stdio::null()).spawn();
        Self(child.expect("the server starts"))
    }

    async fn ready(&mut self, base_url: &str) {
        while list_models(base_url, None, Duration::from_secs(1)).await.is_err() {
            assert!(self.0.try_wait().unwrap().is_none(), "the server ended");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
