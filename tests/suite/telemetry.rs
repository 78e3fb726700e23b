//! The trace of a run: names, attributes, parentage, and what must never be in it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::model_server::{KEY, ModelServer, Reply, SERVED};
use crate::support::repository::{Ran, TestRepository};
use crate::support::tally::{self, CODE, CONFIG, FILES};

/// Runs the program with a trace file and gives the spans.
fn traced(repository: &TestRepository, script: impl IntoIterator<Item = Reply>, code: i32) -> (Ran, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace.jsonl");
    let server = ModelServer::with(script);
    let mut program = repository.program();
    server.point(&mut program).args(["generate", "--format", "ndjson", "--trace-file"]).arg(&file);
    let ran = Ran::from(program.output().unwrap()).expect(code);
    server.finish();
    let text = std::fs::read_to_string(&file).unwrap();
    (ran, text.lines().map(|line| serde_json::from_str(line).expect(line)).collect())
}

fn named<'s>(spans: &'s [Value], name: &str) -> Vec<&'s Value> {
    spans.iter().filter(|span| span["name"] == name).collect()
}

/// Every name of an attribute.
fn keys(spans: &[Value]) -> BTreeSet<String> {
    let attributes = spans.iter().filter_map(|span| span["attributes"].as_object());
    attributes.flat_map(|attributes| attributes.keys().cloned()).collect()
}

fn right() -> [Reply; 2] {
    [Reply::answer(&tally::code()), Reply::answer(&tally::tests())]
}

#[test]
fn a_spec_is_a_span_with_language_pattern_and_the_bytes_of_its_code() {
    let repository = tally::repository(CONFIG);
    let (_, spans) = traced(&repository, right(), 0);
    let [span] = named(&spans, "code_generation.generate")[..] else { panic!("{spans:#?}") };
    let attributes = &span["attributes"];
    assert_eq!(attributes["language"], "python");
    assert_eq!(attributes["pattern"], "repository");
    assert_eq!(attributes["code_length"], CODE.len());
    assert_ne!(CODE.len(), CODE.chars().count(), "bytes and characters must differ for this to show anything");
    assert_eq!(attributes["codegen.pattern.version"], "1.2.3");
    assert_eq!(attributes["codegen.outcome"], "accepted");
    assert_ne!(span["status"]["code"], "error");
}

#[test]
fn a_model_call_is_a_client_span_with_what_the_conventions_require() {
    let repository = tally::repository(CONFIG);
    let (_, spans) = traced(&repository, right(), 0);
    let chats = named(&spans, "chat double");
    assert_eq!(chats.len(), 2);
    for span in chats {
        assert_eq!(span["kind"], "client");
        let attributes = &span["attributes"];
        for (name, value) in [
            ("gen_ai.operation.name", "chat".into()),
            ("gen_ai.provider.name", "openai".into()),
            ("gen_ai.request.model", "double".into()),
            ("gen_ai.request.temperature", 0.2.into()),
            ("gen_ai.response.model", SERVED.into()),
            ("gen_ai.response.id", "chatcmpl-double".into()),
            ("gen_ai.response.finish_reasons", Value::from(vec!["stop"])),
            ("gen_ai.output.type", "text".into()),
            ("gen_ai.usage.input_tokens", 1100.into()),
            ("gen_ai.usage.output_tokens", 70.into()),
            ("gen_ai.usage.cache_read.input_tokens", 300.into()),
            ("server.address", "127.0.0.1".into()),
        ] {
            let own: &Value = &attributes[name];
            let near = own.as_f64().zip(value.as_f64()).is_some_and(|(own, value)| (own - value).abs() < 1e-6);
            assert!(*own == value || near, "{name}: {own} instead of {value}");
        }
        assert!(attributes["server.port"].as_u64().is_some_and(|port| port > 0));
        assert!(attributes["gen_ai.request.max_tokens"].as_u64().is_some_and(|tokens| tokens > 0));
        assert!(attributes["gen_ai.response.time_to_first_chunk"].as_f64().is_some());
        assert!(attributes.get("error.type").is_none());
    }
}

#[test]
fn usage_of_a_stream_is_what_the_server_counted() {
    let repository = tally::repository(CONFIG);
    let reply = |text: &str, input, output| Reply::stream().piece(text).finish("stop").usage(input, output, 7).done();
    let script = [reply(&tally::code(), 1234, 56), reply(&tally::tests(), 2345, 67)];
    let (ran, spans) = traced(&repository, script, 0);
    let of = |name: &str| -> u64 {
        named(&spans, "chat double").iter().map(|span| span["attributes"][name].as_u64().unwrap()).sum()
    };
    let done = ran.events().pop().unwrap();
    for (attribute, counted, told) in [
        ("gen_ai.usage.input_tokens", 3579, "input"),
        ("gen_ai.usage.output_tokens", 123, "output"),
        ("gen_ai.usage.cache_read.input_tokens", 14, "cached"),
    ] {
        assert_eq!(of(attribute), counted);
        assert_eq!(done["usage"][told], counted);
    }
}

#[test]
fn deprecated_names_are_absent() {
    let repository = tally::repository(CONFIG);
    let (_, spans) = traced(&repository, right(), 0);
    let keys = keys(&spans);
    for old in [
        "gen_ai.system",
        "gen_ai.prompt",
        "gen_ai.completion",
        "gen_ai.usage.prompt_tokens",
        "gen_ai.usage.completion_tokens",
    ] {
        assert!(!keys.contains(old), "{old} is there");
    }
    assert!(keys.contains("gen_ai.provider.name"), "{keys:?}");
}

#[test]
fn calls_and_gates_are_children_of_the_one_trace_of_their_spec() {
    let repository = tally::repository(CONFIG);
    let (_, spans) = traced(&repository, right(), 0);
    let [root] = named(&spans, "code_generation.generate")[..] else { panic!("{spans:#?}") };
    let children: Vec<&Value> = spans.iter().filter(|span| *span != root).collect();
    for span in &children {
        assert_eq!(span["trace_id"], root["trace_id"], "{span}");
        assert_eq!(span["parent_span_id"], root["span_id"], "{span}");
    }
    let names: BTreeSet<&str> = children.iter().filter_map(|span| span["name"].as_str()).collect();
    for name in ["chat double", "codegen.gate.syntax", "codegen.gate.build", "codegen.gate.generated-tests"] {
        assert!(names.contains(name), "{name} is not in {names:?}");
    }
    let ids: BTreeSet<&str> = spans.iter().filter_map(|span| span["span_id"].as_str()).collect();
    assert_eq!(ids.len(), spans.len(), "span ids repeat");
}

#[test]
fn failures_have_a_status_and_a_type() {
    let config = "model: { name: double, answers: fenced }\nlimits: { attempts: 1 }\n";
    let busy = Reply::error(429, "rate_limit_exceeded", "slow down").header("retry-after", "0");
    for (script, code, name, kind) in [
        (vec![busy; 5], 4, "chat double", "429"),
        (vec![Reply::error(401, "invalid_api_key", "no")], 4, "chat double", "401"),
        (vec![Reply::answer(&tally::fenced(FILES[0], "def broken(:\n"))], 3, "codegen.gate.syntax", "failed"),
        (
            vec![Reply::answer(&tally::fenced(FILES[0], "A = 1\n\n\ndef b() -> None:\n    pass\n\n\nreturn 1\n"))],
            3,
            "codegen.gate.build",
            "failed",
        ),
    ] {
        let repository = tally::repository(config);
        let (_, spans) = traced(&repository, script, code);
        let of = named(&spans, name);
        let span = of.last().unwrap_or_else(|| panic!("no {name}: {spans:#?}"));
        assert_eq!(span["status"]["code"], "error", "{span}");
        assert_eq!(span["attributes"]["error.type"], kind, "{span}");
        let [root] = named(&spans, "code_generation.generate")[..] else { panic!("{spans:#?}") };
        assert_eq!(root["status"]["code"], "error");
        assert_eq!(root["attributes"]["error.type"], if code == 4 { "model" } else { "gate" });
    }
}

#[test]
fn the_key_and_the_conversation_are_in_no_span_and_no_output() {
    let repository = tally::repository(CONFIG);
    let before = [Reply::answer("Prose with ANSWER_SENTINEL.")];
    let (ran, spans) = traced(&repository, before.into_iter().chain(right()), 0);
    let trace = Value::from(spans).to_string();
    for text in ["SPEC_SENTINEL", "RULE_SENTINEL", "ANSWER_SENTINEL", "class Tally", KEY] {
        assert!(!trace.contains(text), "{text} is in the trace");
    }
    assert!(trace.contains("repository"));
    assert!(!ran.stdout.contains(KEY) && !ran.stderr.contains(KEY));
    // A server that repeats the key in its error must not bring it into the output either.
    let other = tally::repository(CONFIG);
    let echo = Reply::error(401, "invalid_api_key", &format!("Incorrect API key provided: {KEY}."));
    let (ran, spans) = traced(&other, [echo], 4);
    let trace = Value::from(spans).to_string();
    assert!(ran.stderr.contains("Incorrect API key provided"), "{}", ran.stderr);
    assert!(!trace.contains(KEY), "the key is in the trace");
    assert!(!ran.stdout.contains(KEY) && !ran.stderr.contains(KEY), "the key is in the output: {}", ran.stderr);
}
