//! Streams: text comes as it is written, survives every split, starts again cleanly, and stops when nobody wants it.

use codegen::adapter::openai::{Endpoint, OpenAiModel};
use codegen::port::{Model, ModelRequest, Piece, Purpose, Role};
use codegen::prompt::{Message, Speaker};
use codegen::spec::SpecId;
use rustix::process::Signal;
use serde_json::Value;

use crate::support::model_server::{Gate, ModelServer, Reply};
use crate::support::repository::{Ran, TestRepository};
use crate::support::running::Running;
use crate::support::tally::{self, CODE, CONFIG, FILES, TESTS};

fn stream(repository: &TestRepository, server: &ModelServer, arguments: &[&str]) -> Ran {
    let mut program = repository.program();
    server
        .point(&mut program)
        .args(["generate", "--stream", "--format", "ndjson"])
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

/// The text that a stream showed for a role; a restart makes what came before void.
fn shown(events: &[Value], role: &str) -> String {
    let mut text = String::new();
    for event in events {
        match event["type"].as_str().unwrap() {
            "text" if event["role"] == role => text.push_str(event["text"].as_str().unwrap()),
            "text_restarted" => text.clear(),
            "model_call" if event["role"] == role => return text,
            _ => {}
        }
    }
    text
}

fn gates(events: &[Value]) -> Vec<String> {
    let gates = events.iter().filter(|event| event["type"] == "gate");
    gates.map(|event| format!("{} {} {}", event["role"], event["gate"], event["status"])).collect()
}

#[test]
fn the_first_piece_is_printed_before_the_server_sends_the_last() {
    let code = tally::code();
    let (head, tail) = code.split_at(code.find("class").unwrap());
    for arguments in [["generate", "--stream", "--format", "ndjson"].as_slice(), &["generate", "--stream"]] {
        let repository = tally::repository(CONFIG);
        let gate = Gate::new();
        let server = ModelServer::with([
            Reply::stream().piece(head).hold(&gate).piece(tail).stop(),
            Reply::answer(&tally::tests()),
        ]);
        let running = Running::start(server.point(&mut repository.program()).args(arguments));
        // The server waits for the gate, and the gate for what is printed.
        if arguments.contains(&"ndjson") {
            running.until_stdout("\"type\":\"text\"");
        } else {
            running.until_stderr("Counts words");
        }
        gate.open();
        running.finish().expect(0);
        server.finish();
        assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    }
}

#[test]
fn without_the_option_no_text_is_shown() {
    let repository = tally::repository(CONFIG);
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::tests())]);
    let ran: Ran =
        server.point(&mut repository.program()).args(["generate", "--format", "ndjson"]).output().unwrap().into();
    let ran = ran.expect(0);
    server.finish();
    assert!(ran.events().iter().all(|event| event["type"] != "text"));
    assert!(!ran.stdout.contains("class Tally"));
}

#[test]
fn the_shown_text_is_the_answer_and_the_gates_are_those_of_any_run() {
    let script = [Reply::answer(&tally::code()), Reply::answer(&tally::tests())];
    let repository = tally::repository(CONFIG);
    let server = ModelServer::with(script.clone());
    let events = stream(&repository, &server, &["--no-cache"]).expect(0).events();
    server.finish();
    assert_eq!(shown(&events, "code"), tally::code());
    assert_eq!(shown(&events, "tests"), tally::tests());
    assert_eq!(events.last().unwrap()["type"], "done");
    assert_eq!(events.iter().filter(|event| event["type"] == "done").count(), 1);
    let plain = tally::repository(CONFIG);
    let server = ModelServer::with(script);
    let ran: Ran = server.point(&mut plain.program()).args(["generate", "--format", "ndjson"]).output().unwrap().into();
    server.finish();
    assert_eq!(gates(&events), gates(&ran.events()));
    assert!(gates(&events).iter().any(|gate| gate.contains("generated-tests") && gate.contains("passed")));
    for file in FILES {
        assert_eq!(repository.read(file), plain.read(file));
    }
}

#[test]
fn a_dry_run_tells_its_diff_and_ends_as_every_run_does() {
    let repository = tally::repository(CONFIG);
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::tests())]);
    let events = stream(&repository, &server, &["--dry-run"]).expect(0).events();
    server.finish();
    let last: Vec<&str> = events.iter().rev().take(2).filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(last, ["done", "diff"]);
    let diff = events[events.len() - 2]["diff"].as_str().unwrap();
    assert!(diff.contains("+class Tally:") && diff.contains("+class TallyTest"), "{diff}");
    assert_eq!(repository.read(FILES[0]), None);
}

#[test]
fn a_streamed_answer_that_a_gate_refuses_is_not_delivered() {
    let repository = tally::repository("model: { name: double, answers: fenced }\nlimits: { attempts: 1 }\n");
    let before = repository.fingerprint();
    let server = ModelServer::with([Reply::answer(&tally::fenced(FILES[0], "def broken(:\n"))]);
    let events = stream(&repository, &server, &[]).expect(3).events();
    server.finish();
    assert!(shown(&events, "code").contains("def broken(:"));
    assert_eq!(events.last().unwrap()["exit_code"], 3);
    assert_eq!(repository.fingerprint(), before);
}

#[test]
fn characters_and_lines_survive_every_split() {
    let crlf = |text: &str| {
        let event = serde_json::json!({ "choices": [{ "delta": { "content": text }, "finish_reason": null }] });
        format!(": a comment\r\nevent: message\r\ndata:{event}\r\n\r\n")
    };
    // An escape for each UTF-16 half of a character, as some servers write.
    let escaped = |text: &str| crlf(text).replace('😀', "\\ud83d\\ude00").replace('ï', "\\u00ef");
    let code = tally::code();
    assert!(code.contains('😀'));
    for reply in [
        Reply::answer(&code).bytewise(),
        Reply::stream().raw(crlf(&code).as_bytes()).stop().bytewise(),
        Reply::stream().raw(escaped(&code).as_bytes()).stop().bytewise(),
    ] {
        let repository = tally::repository(CONFIG);
        let server = ModelServer::with([reply, Reply::answer(&tally::tests()).bytewise()]);
        let events = stream(&repository, &server, &[]).expect(0).events();
        server.finish();
        assert_eq!(shown(&events, "code"), code);
        assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
        assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS));
    }
}

#[test]
fn a_stream_that_breaks_starts_again_and_no_text_is_there_twice() {
    let code = tally::code();
    let (head, _) = code.split_at(code.find('😀').unwrap());
    let repository = tally::repository(CONFIG);
    let server =
        ModelServer::with([Reply::stream().piece(head).cut(), Reply::answer(&code), Reply::answer(&tally::tests())]);
    let events = stream(&repository, &server, &[]).expect(0).events();
    server.finish();
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    let restart = kinds.iter().position(|kind| *kind == "text_restarted").expect("no restart was told");
    assert_eq!(events[restart - 1]["text"].as_str(), Some(head), "the piece before the cut was shown");
    assert_eq!(shown(&events, "code"), code);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
}

#[test]
fn an_unknown_pattern_is_an_event_before_any_request() {
    let repository = tally::repository(CONFIG);
    let spec = repository.read(".codegen/specs/tally.yaml").unwrap();
    repository.write(".codegen/specs/tally.yaml", &spec.replace("pattern: repository", "pattern: repositry"));
    let server = ModelServer::with([]);
    let ran = stream(&repository, &server, &[]).expect(2);
    server.finish();
    let events = ran.events();
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(kinds, ["error", "done"]);
    assert_eq!(events[0]["kind"], "usage");
    assert_eq!(events[1]["exit_code"], 2);
    for part in ["unknown pattern: repositry", "repository"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

#[test]
fn a_model_that_fails_in_the_middle_ends_the_stream_of_events_in_order() {
    let repository = tally::repository(CONFIG);
    let server =
        ModelServer::with([Reply::answer(&tally::code()), Reply::error(401, "invalid_api_key", "the key is wrong")]);
    let events = stream(&repository, &server, &[]).expect(4).events();
    server.finish();
    let last: Vec<&str> = events.iter().rev().take(2).filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(last, ["done", "spec_done"]);
    let done = &events[events.len() - 2];
    assert_eq!((done["outcome"].as_str(), done["exit_code"].as_u64()), (Some("failed"), Some(4)));
    assert!(done["reason"].as_str().unwrap().contains("the key is wrong"), "{done}");
    assert_eq!(events.last().unwrap()["exit_code"], 4);
    assert_eq!(repository.read(FILES[0]), None);
}

#[test]
fn a_consumer_that_stops_ends_the_request() {
    let server = ModelServer::with([Reply::stream().piece("first").hold(&Gate::new()).piece("second").stop()]);
    let endpoint = Endpoint { base_url: server.url(), key: None, model: "double".into(), chosen: "test".into() };
    let request = ModelRequest {
        purpose: Purpose { spec: SpecId::from_argument("tally"), role: Role::Code, attempt: 1, mend: 0 },
        model: String::new(),
        messages: vec![Message::new(Speaker::User, "Say first, then second.")],
        temperature: None,
        seed: None,
        max_output_tokens: 100,
        schema: None,
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let model = OpenAiModel::new(endpoint).unwrap();
        let (told, mut came) = tokio::sync::mpsc::unbounded_channel();
        let mut on_piece = |piece: Piece<'_>| drop(told.send(format!("{piece:?}")));
        let mut call = model.complete(&request, &mut on_piece);
        tokio::select! {
            ended = &mut call => panic!("{ended:?}"),
            piece = came.recv() => assert_eq!(piece.as_deref(), Some("Text(\"first\")")),
        }
        assert!(!server.saw_disconnect(0));
        drop(call);
    });
    server.wait_for_disconnect(0);
    server.finish();
}

#[test]
fn an_interrupt_in_the_middle_of_an_answer_ends_the_request_and_leaves_no_file() {
    for signal in [Signal::INT, Signal::TERM] {
        let repository = tally::repository(CONFIG);
        let before = repository.fingerprint();
        let server = ModelServer::with([Reply::stream().piece("tally.py\n").hold(&Gate::new()).stop()]);
        let arguments = ["generate", "--stream", "--format", "ndjson"];
        let running = Running::start(server.point(&mut repository.program()).args(arguments));
        running.until_stdout("\"type\":\"text\"");
        assert!(!server.saw_disconnect(0));
        running.signal(signal);
        let ran = running.finish().expect(130);
        server.wait_for_disconnect(0);
        server.finish();
        assert!(ran.stderr.contains("interrupted; nothing was written to your tree"), "{}", ran.stderr);
        assert_eq!(ran.events().last().unwrap()["exit_code"], 130);
        assert_eq!(repository.fingerprint(), before);
    }
}
