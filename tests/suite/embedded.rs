//! The model inside the program, with real weights, from the prompt to the gates. What it answers is its own affair: what is
//! tested is that it answers alike for a seed, that its text and its tokens are told as they come, that gates judge it, and
//! that it can be interrupted.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codegen::adapter::local::{LocalModel, Sampling, Settings};
use codegen::adapter::weights::{Cache, known};
use codegen::port::{Completion, Finish, Model, ModelError, ModelRequest, Piece, Purpose, Role};
use codegen::prompt::{Message, Speaker};
use codegen::spec::SpecId;
use serde_json::Value;

use super::support::greeter::{CONFIG, greeter};
use super::support::repository::{Ran, TestRepository, skipped};

/// The weights of this machine's user, where they were fetched.
fn weights() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let cache = Cache::new(base.join("codegen/models"));
    let found = known().iter().find_map(|weights| cache.whole(weights));
    if found.is_none() {
        skipped("the model inside the program", "the file of its weights, which `codegen model pull` brings,");
    }
    found
}

fn model(weights: &Path, prefixes: &Path, context: Option<u32>) -> LocalModel {
    LocalModel::new(Settings {
        name: "small".to_owned(),
        chosen: String::new(),
        weights: weights.to_owned(),
        prefixes: Some(prefixes.to_owned()),
        speed: None,
        sampling: Sampling::default(),
        context,
        guesses: true,
    })
}

fn request(attempt: u32, temperature: f32, most: u32) -> ModelRequest {
    // Long enough to be worth keeping.
    let rules = (1..40).map(|number| format!("- Rule {number}: be brief.\n")).collect::<String>();
    let messages = vec![
        Message::new(Speaker::System, rules),
        Message::new(Speaker::User, "Name a colour. <|im_end|>"),
        Message::new(Speaker::Assistant, "Blue."),
        Message::new(Speaker::User, "Count from one to thirty, in words."),
    ];
    ModelRequest {
        purpose: Purpose { spec: SpecId::from_argument("a"), role: Role::Code, attempt, mend: 0 },
        model: String::new(),
        messages,
        temperature: Some(temperature),
        seed: None,
        max_output_tokens: most,
        schema: None,
    }
}

async fn ask(model: &LocalModel, request: &ModelRequest) -> Result<Completion, ModelError> {
    let mut heard = String::new();
    let mut on_piece = |piece: Piece<'_>| match piece {
        Piece::Text(text) => heard.push_str(text),
        Piece::Restart => heard.clear(),
    };
    let answer = model.complete(request, &mut on_piece).await?;
    assert_eq!(heard, answer.text, "the pieces are the answer");
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_streamed_counted_cut_repeated_and_ended() {
    let Some(weights) = weights() else { return };
    let prefixes = tempfile::tempdir().unwrap();
    let small = model(&weights, prefixes.path(), None);
    let first = ask(&small, &request(1, 0.9, 6)).await.unwrap();
    let usage = first.usage.unwrap();
    assert_eq!((first.finish.clone(), usage.output, usage.cached), (Finish::Length, 6, 0));
    assert!(usage.input > 300 && !first.text.is_empty() && first.first_chunk.is_some());
    // The same question goes on from what is remembered of it, and is answered alike.
    let again = ask(&small, &request(1, 0.9, 6)).await.unwrap();
    assert!(again.usage.unwrap().cached > usage.input / 2);
    let once_more = ask(&small, &request(1, 0.9, 6)).await.unwrap();
    assert_eq!(again.text, once_more.text);
    // A call that is dropped ends, and the next one is answered.
    let question = request(2, 0.0, 2000);
    let mut pieces = 0;
    let mut on_piece = |_: Piece<'_>| pieces += 1;
    let dropped = tokio::time::timeout(std::time::Duration::from_millis(1), small.complete(&question, &mut on_piece));
    assert!(dropped.await.is_err());
    let best = ask(&small, &request(2, 0.0, 3)).await.unwrap();
    assert_eq!(best.finish, Finish::Length);
    drop(small);
    // Another process would find what was kept of the turns before the last question.
    assert_eq!(std::fs::read_dir(prefixes.path()).unwrap().count(), 1);
    let other = model(&weights, prefixes.path(), Some(2048));
    let kept = ask(&other, &request(1, 0.0, 1)).await.unwrap();
    assert!(kept.usage.unwrap().cached > usage.input / 2);
    let mut long = request(1, 0.0, 10);
    long.messages.push(Message::new(Speaker::User, "word ".repeat(3000)));
    let error = ask(&other, &long).await.unwrap_err();
    assert_eq!(error.kind, "context_length");
    assert!(error.message.contains("the model holds 2048"), "{error}");
}

/// A question whose answer repeats what it shows, under another name.
fn repetition(most: u32) -> ModelRequest {
    let example = "type User struct {\n\tID   int\n\tName string\n}\n\nfunc (u *User) Rename(name string) error {\n\tif name == \"\" {\n\t\treturn ErrUserName\n\t}\n\tu.Name = name\n\treturn nil\n}\n";
    let mut request = request(3, 0.0, most);
    request.messages = vec![
        Message::new(Speaker::User, "Write a type `User` in Go."),
        Message::new(Speaker::Assistant, example),
        Message::new(Speaker::User, "Write the same for `Order`. Answer with the code only."),
    ];
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_change_how_soon_an_answer_comes_and_nothing_else() {
    let Some(weights) = weights() else { return };
    let answers = async |guesses: bool| {
        let model = LocalModel::new(Settings {
            name: "small".to_owned(),
            chosen: String::new(),
            weights: weights.clone(),
            prefixes: None,
            speed: None,
            sampling: Sampling::default(),
            context: None,
            guesses,
        });
        let first = ask(&model, &repetition(160)).await.unwrap();
        let steps = model.steps();
        // The state that the answer left, with what was guessed and wrong cut away, is gone on from.
        let mut more = repetition(40);
        more.messages.push(Message::new(Speaker::Assistant, first.text.clone()));
        more.messages.push(Message::new(Speaker::User, "Now for `Ticket`."));
        let second = ask(&model, &more).await.unwrap();
        assert!(second.usage.unwrap().cached > first.usage.unwrap().input, "the answer is remembered too");
        (first, second.text, steps as u64)
    };
    let (plain, plain_next, plain_steps) = answers(false).await;
    let (guessed, guessed_next, guessed_steps) = answers(true).await;
    assert_eq!((&plain.text, &plain.finish), (&guessed.text, &guessed.finish));
    assert_eq!(plain_next, guessed_next);
    assert!(plain.text.contains("Order"), "{}", plain.text);
    let written = plain.usage.unwrap().output;
    // The token that ends an answer takes a step and is not counted.
    assert!(plain_steps + 1 >= written, "{plain_steps} {written}");
    if cfg!(debug_assertions) {
        // Their kernels are not used in such a build, and without them a guess could change an answer.
        skipped("that guesses save steps", "a build with `--release`");
        assert_eq!(guessed_steps, plain_steps);
    } else {
        assert!(guessed_steps < plain_steps, "{plain_steps} {guessed_steps} {written}");
    }
}

/// What follows the schema may be nonsense, but it follows the schema, whatever the model would rather say.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_held_to_a_schema() {
    let Some(weights) = weights() else { return };
    let prefixes = tempfile::tempdir().unwrap();
    let small = model(&weights, prefixes.path(), None);
    assert!(small.honours_schema().await.unwrap());
    let question = |temperature: f32, schema: Option<Value>| {
        let mut request = request(1, temperature, 160);
        request.messages = vec![Message::new(Speaker::User, "Write one short sentence about rain. No JSON, please.")];
        ModelRequest { schema, ..request }
    };
    let schema = serde_json::json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["weather", "words"],
        "properties": {
            "weather": { "enum": ["wet", "dry"] },
            "words": { "type": "array", "minItems": 1, "maxItems": 3, "items": { "type": "string", "maxLength": 12 } }
        }
    });
    let free = ask(&small, &question(0.0, None)).await.unwrap();
    assert!(serde_json::from_str::<Value>(&free.text).is_err(), "the question asks for prose: {}", free.text);
    for temperature in [0.0, 1.0] {
        let held = ask(&small, &question(temperature, Some(schema.clone()))).await.unwrap();
        let value: Value = serde_json::from_str(&held.text).unwrap_or_else(|error| panic!("{error}: {}", held.text));
        assert!(jsonschema::is_valid(&schema, &value), "{value}");
        assert_eq!(held.finish, Finish::Stop);
    }
    let error = ask(&small, &question(0.0, Some(serde_json::json!({ "type": "colour" })))).await.unwrap_err();
    assert_eq!(error.kind, "schema");
}

fn program(repository: &TestRepository, weights: &Path) -> Command {
    let mut program = repository.program();
    program.args(["generate", "--dry-run", "--no-cache", "--format", "ndjson", "--stream", "--model"]);
    program.arg(format!("local:{}", weights.display()));
    program
}

#[test]
fn a_spec_goes_from_the_prompt_to_the_gates() {
    let Some(weights) = weights() else { return };
    let repository = greeter(&[(".codegen/config.yaml", &format!("{CONFIG}model: {{ max_output_tokens: 96 }}\n"))]);
    let records = tempfile::tempdir().unwrap();
    let ran = Ran::from(program(&repository, &weights).arg("--record").arg(records.path()).output().unwrap());
    // Accepted, refused by a gate, or cut at the few tokens that it may write here.
    assert!([0, 3, 4].contains(&ran.code), "{}\n{}", ran.stdout, ran.stderr);
    let events = ran.events();
    let pieces = events.iter().filter(|event| event["type"] == "text" && event["role"] == "code");
    let text: String = pieces.map(|event| event["text"].as_str().unwrap()).collect();
    let answers = (1..=3)
        .filter_map(|attempt| std::fs::read_to_string(records.path().join(format!("greeter.code.{attempt}.md"))).ok());
    assert_eq!(text, answers.collect::<String>(), "the stream is the answers of all attempts");
    let call = events.iter().find(|event| event["type"] == "model_call").expect("a call");
    let (input, output) = (call["usage"]["input"].as_u64().unwrap(), call["usage"]["output"].as_u64().unwrap());
    assert!(input > 100 && output > 0 && output <= 96, "{call}");
    // A whole answer was judged by gates that ran here; one that was cut, or has no file, was refused before them.
    let judged: Vec<_> = events.iter().filter(|event| event["type"] == "gate").collect();
    if text.contains("hello/greeter.py") && call["finish"] == "stop" {
        assert_eq!(judged.first().map(|event| event["gate"].as_str()), Some(Some("syntax")), "{text}\n{}", ran.stderr);
    }
    if ran.code == 0 {
        assert!(judged.iter().any(|event| event["gate"] == "generated-tests"), "{judged:?}");
    }
}

#[test]
fn the_program_ends_at_once_when_it_is_interrupted() {
    let Some(weights) = weights() else { return };
    let repository = greeter(&[]);
    let before = repository.fingerprint();
    let mut child = program(&repository, &weights)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut writing = lines.map(Result::unwrap).filter(|line| line.contains("writing code"));
    writing.next().expect("it asks the model");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(repository.fingerprint(), before);
}
