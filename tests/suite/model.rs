//! Models over real HTTP: what is sent, what answers become, and what happens when there is none.

use std::process::Command;
use std::time::Duration;

use codegen::adapter::openai::{Endpoint, OpenAiModel};
use codegen::port::{Completion, Model, ModelError, ModelRequest, Purpose, Role};
use codegen::prompt::{Message, Speaker};
use codegen::spec::SpecId;
use serde_json::{Value, json};

use crate::support::model_server::{KEY, ModelServer, Reply};
use crate::support::repository::{Ran, TestRepository, installed, skipped};
use crate::support::tally::{self, CODE, CONFIG, FILES, TESTS, fenced};

const ONE_ATTEMPT: &str =
    "model: { name: double, answers: fenced }\ngates: { test_runs: 1 }\nlimits: { attempts: 1 }\n";

/// Runs the program against a scripted model.
fn run(repository: &TestRepository, server: &ModelServer, arguments: &[&str]) -> Ran {
    server.point(&mut repository.program()).args(arguments).output().unwrap().into()
}

fn generate(repository: &TestRepository, script: impl IntoIterator<Item = Reply>) -> Ran {
    let server = ModelServer::with(script);
    let ran = run(repository, &server, &["generate", "--no-cache", "--format", "ndjson"]);
    server.finish();
    ran
}

/// What came of the one spec of a run.
fn spec_done(ran: &Ran) -> Value {
    ran.events().into_iter().find(|event| event["type"] == "spec_done").expect("no spec_done")
}

fn calls(ran: &Ran) -> Vec<(String, u64)> {
    let events = ran.events();
    let calls = events.iter().filter(|event| event["type"] == "model_call");
    calls.map(|call| (call["role"].as_str().unwrap().to_owned(), call["attempt"].as_u64().unwrap())).collect()
}

/// One call of the model without the rest of the program.
fn complete(server: &ModelServer) -> Result<Completion, ModelError> {
    let model = OpenAiModel::new(Endpoint {
        base_url: server.url(),
        key: Some(KEY.to_owned().into()),
        model: "double".into(),
        chosen: "test".into(),
    });
    let request = ModelRequest {
        purpose: Purpose { spec: SpecId::from_argument("tally"), role: Role::Code, attempt: 1, mend: 0 },
        model: String::new(),
        messages: vec![Message::new(Speaker::User, "Say hello.")],
        temperature: Some(0.2),
        seed: None,
        max_output_tokens: 100,
        schema: None,
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { model.unwrap().complete(&request, &mut |_| {}).await })
}

#[test]
fn a_server_is_found_by_its_address_asked_for_its_models_and_given_the_key() {
    let repository = tally::repository("gates: { test_runs: 1 }\n");
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::tests())])
        .offering(&["chat-base", "double-coder-7b"]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS));
    let started = ran.events().into_iter().find(|event| event["type"] == "run_started").unwrap();
    assert_eq!(started["model"], "double-coder-7b");
    assert_eq!(started["chosen"], "OPENAI_BASE_URL is set");
    for request in server.finish() {
        assert_eq!(request.body["model"], "double-coder-7b");
        assert_eq!(request.body["stream"], true);
        assert_eq!(request.body["stream_options"]["include_usage"], true);
        assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    }
}

#[test]
fn the_configuration_names_server_model_and_the_variable_of_the_key() {
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::tests())]);
    let config = format!(
        "model: {{ base_url: {}/, name: small-3b, api_key_env: OUR_KEY, temperature: 0.7, max_output_tokens: 777 }}\n",
        server.url()
    );
    let repository = tally::repository(&config);
    let mut program = repository.program();
    program.env("OPENAI_BASE_URL", "http://127.0.0.1:1/v1").env("OPENAI_API_KEY", "sk-other").env("OUR_KEY", "sk-ours");
    Ran::from(program.arg("generate").output().unwrap()).expect(0);
    for request in server.finish() {
        assert_eq!(request.body["model"], "small-3b");
        assert_eq!(request.body["temperature"], 0.7);
        assert_eq!(request.body["max_tokens"], 777);
        assert_eq!(request.header("authorization"), Some("Bearer sk-ours"));
    }
}

#[test]
fn a_server_without_a_key_gets_no_authorization() {
    let repository = tally::repository(CONFIG);
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::tests())]);
    let mut program = repository.program();
    Ran::from(program.env("OPENAI_BASE_URL", server.url()).arg("generate").output().unwrap()).expect(0);
    for request in server.finish() {
        assert_eq!(request.header("authorization"), None);
    }
}

#[test]
fn the_tests_are_asked_for_in_a_call_that_sees_the_spec_and_the_interface_and_no_body() {
    let repository = tally::repository(CONFIG);
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::tests())]);
    run(&repository, &server, &["generate"]).expect(0);
    let requests = server.finish();
    let [code, tests] = requests.as_slice() else { panic!("{} requests", requests.len()) };
    for request in [code, tests] {
        assert!(request.question().contains("SPEC_SENTINEL"), "{}", request.question());
        assert!(request.question().contains("CONTEXT_SENTINEL"), "{}", request.question());
        assert!(request.messages()[0].contains("RULE_SENTINEL"), "{}", request.messages()[0]);
    }
    let asked = tests.question();
    for part in ["def add(self, word: str) -> None", "def count(self, word: str) -> int", "from tally import"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
    for part in ["happy path", "every error", "edge case", "tables", "`test_tally.py`"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
    let whole = tests.body.to_string();
    assert!(!whole.contains("a word must not be empty"), "the body of the code is shown");
    assert!(CODE.contains("a word must not be empty"));
}

#[test]
fn the_repair_shows_the_diagnostic_and_the_code_that_failed() {
    let repository = tally::repository(CONFIG);
    // Grammatical, and refused by the interpreter.
    let wrong = format!("{CODE}\n\nreturn Tally  # WRONG_SENTINEL\n");
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &wrong)),
        Reply::answer(&tally::code()),
        Reply::answer(&tally::tests()),
    ]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(calls(&ran), [("code".to_owned(), 1), ("code".to_owned(), 2), ("tests".to_owned(), 1)]);
    let requests = server.finish();
    let [first, second, _] = requests.as_slice() else { panic!("{} requests", requests.len()) };
    assert_eq!(second.messages()[..first.messages().len()], first.messages(), "the question must stay the same");
    let line = wrong.lines().position(|line| line.starts_with("return")).unwrap() + 1;
    let asked = second.question();
    for part in ["'return' outside function", &format!("line {line}"), "The gate build", "py_compile"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
    let shown = second.messages()[second.messages().len() - 2];
    assert_eq!(shown.trim_end(), fenced(FILES[0], &wrong).trim_end(), "the failed code is the turn before");
    assert!(!asked.contains(&repository.path().display().to_string()), "paths of the machine are shown:\n{asked}");
}

const SMALL: &str = "model: { name: small-3b, answers: fenced }\ngates: { test_runs: 1 }\n";

/// A test that goes through these rows of a word and a number, under a comment that says what it shows.
fn table(kind: &str, rows: &[&str]) -> String {
    let rows: String = rows.iter().map(|row| format!("            {row}\n")).collect();
    format!(
        "{TESTS}\n    # {kind}: letters.\n    def test_letters(self) -> None:\n        for key, word in [\n{rows}        ]:\n            with self.assertRaises(ValueError):\n                Tally().add(word if key else \"\")\n"
    )
}

/// `add` as a method on its own, in an answer about one item.
fn method(body: &str) -> String {
    format!(
        "```python\nclass Tally:\n    def add(self, word: str) -> None:\n        \"\"\"Count a word; an empty one is refused.\"\"\"\n{body}```\n"
    )
}

const RIGHT: &str = "        if not word:\n            raise ValueError(\"a word must not be empty\")\n        self._counts[word] = self._counts.get(word, 0) + 1\n";

/// Code that passes its gates and counts no word twice.
fn forgetful() -> String {
    CODE.replace("self._counts.get(word, 0) + 1", "1")
}

fn mends(ran: &Ran) -> Vec<u64> {
    ran.events().iter().filter_map(|event| event["mend"].as_u64()).collect()
}

#[test]
fn a_small_model_is_asked_about_the_function_that_a_failing_test_calls() {
    let repository = tally::repository(SMALL);
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &forgetful())),
        Reply::answer(&tally::tests()),
        Reply::answer("Yes."),
        // The line that failed calls `count`; what the test calls beside it comes next.
        Reply::answer("I see nothing wrong."),
        // No path: the method has one place only.
        Reply::answer(&method(RIGHT)),
    ]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE), "the method stands corrected in its place");
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS), "what was not named stays");
    assert_eq!(mends(&ran), [1, 2, 3]);
    assert_eq!(
        (spec_done(&ran)["code_attempts"].as_u64(), spec_done(&ran)["test_attempts"].as_u64()),
        (Some(1), Some(1))
    );
    let requests = server.finish();
    assert!(requests[3].question().contains("Write `count` anew"), "{}", requests[3].question());
    let asked = requests[4].question();
    for part in ["SPEC_SENTINEL", "AssertionError: 1 != 2", "def test_counts", "Write `add` anew"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
    assert!(!asked.contains("self._counts[word] = 1"), "what was wrong is repeated when it is shown:\n{asked}");
    assert_eq!(requests[4].messages().len(), 2, "no example and no earlier answer is in the way");
}

#[test]
fn a_statement_of_an_answer_that_is_wrong_elsewhere_is_taken() {
    let repository = tally::repository(SMALL);
    let check = "        if not word:\n            raise ValueError(\"a word must not be empty\")\n";
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &CODE.replace(check, ""))),
        Reply::answer(&tally::tests()),
        // No question for a word: the spec says in one sentence what the test is called.
        // It refuses an empty word, and counts no word twice.
        Reply::answer(&method(&format!("{check}        self._counts[word] = 1\n"))),
    ]);
    run(&repository, &server, &["generate"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    server.finish();
}

#[test]
fn code_that_the_tests_refuse_is_drawn_again_with_the_tests_in_the_question() {
    // The second draw passes no more tests as a whole; its `add` does in the code that stands.
    let other = CODE.replace("self._counts.get(word, 0)\n", "self._counts.get(word, 1)\n");
    for (second, calls_for_code) in [(tally::code(), 2), (fenced(FILES[0], &other), 2)] {
        let repository = tally::repository(SMALL);
        let server = ModelServer::with([
            Reply::answer(&fenced(FILES[0], &forgetful())),
            Reply::answer(&tally::tests()),
            Reply::answer("Yes."),
            // Two functions, then the test itself until nothing new comes.
            Reply::answer("The test is wrong."),
            Reply::answer("I see nothing wrong."),
            Reply::answer("I see nothing wrong."),
            Reply::answer("I see nothing wrong."),
            Reply::answer("I see nothing wrong."),
            Reply::answer("I see nothing wrong."),
            Reply::answer("I see nothing wrong."),
            Reply::answer("I see nothing wrong."),
            Reply::answer(&second),
        ]);
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
        assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
        assert_eq!(spec_done(&ran)["code_attempts"], calls_for_code);
        let requests = server.finish();
        let (first, again) = (requests[0].messages(), requests[11].messages());
        assert_eq!(again[..first.len() - 1], first[..first.len() - 1], "the prompt must stay the same");
        let asked = requests[11].question();
        for part in ["def test_counts", "so that they pass"] {
            assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
        }
        assert!(!asked.contains("test_starts_at_nothing"), "tests that pass are not in the way:\n{asked}");
    }
}

#[test]
fn a_small_model_is_asked_about_single_items_between_whole_answers() {
    let repository = tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n"));
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &forgetful())),
        Reply::answer(&tally::tests()),
        Reply::answer("Yes."),
        Reply::answer("The test is wrong."),
        Reply::answer("I see nothing wrong."),
        // What cannot be used is passed over, and what makes things worse is dropped.
        Reply::answer("The test is right."),
        Reply::answer(&method("        raise KeyError(word)\n")),
        Reply::answer(&method(RIGHT)),
    ]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE), "the method stands corrected in its place");
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS), "what was not named stays");
    assert_eq!(mends(&ran), [1, 2, 3, 4, 5, 6]);
    let requests = server.finish();
    assert!(requests[5].question().contains("Write `test_counts` anew"), "{}", requests[5].question());
    let asked = requests[6].question();
    for part in ["SPEC_SENTINEL", "AssertionError: 1 != 2", "write `test_counts` again", "self._counts[word] = 1"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
}

#[test]
fn a_kind_of_test_that_is_missing_is_asked_for_with_those_of_the_example() {
    let spec = format!("{}examples: [words.py]\n", tally::SPEC);
    let example = "\"\"\"Counts words.\"\"\"\n\n\nclass Words:\n    \"\"\"Words.\"\"\"\n\n    def count(self, word: str) -> int:\n        return len(word)\n";
    let tests = "import unittest\n\nfrom words import Words\n\n\nclass WordsTest(unittest.TestCase):\n    # happy path: letters.\n    def test_letters(self) -> None:\n        self.assertEqual(Words().count(\"HAPPY_SENTINEL\"), 14)\n\n    # edge case: nothing.\n    def test_nothing(self) -> None:\n        self.assertEqual(Words().count(\"\"), 0, \"EDGE_SENTINEL\")\n";
    let more = [(".codegen/specs/tally.yaml", spec.as_str()), ("words.py", example), ("test_words.py", tests)];
    let repository = tally::repository_with(&format!("{SMALL}limits: {{ attempts: 1 }}\n"), &more);
    let (without, edge) = TESTS.split_once("\n    # edge case:").unwrap();
    let server = ModelServer::with([
        Reply::answer(&tally::code()),
        Reply::answer(&fenced(FILES[1], without)),
        Reply::answer(&format!("```python\n    # edge case:{edge}```\n")),
    ]);
    run(&repository, &server, &["generate"]).expect(0);
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS));
    let requests = server.finish();
    let asked = requests[2].question();
    for part in ["Write one more test", "tests of another specification, from test_words.py", "EDGE_SENTINEL"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
    assert!(!asked.contains("HAPPY_SENTINEL"), "{asked}");
}

#[test]
fn an_item_that_breaks_a_rule_is_asked_about_and_the_rule_is_said_again() {
    let pattern = "name: repository\nversion: 1.2.3\nsummary: A small store.\nrules:\n  - id: no-print\n    text: RULE_SENTINEL Print nothing\n    check: { python: { forbid: { pattern: print($$$) } } }\n";
    let noisy = CODE.replace(
        "        return self._counts.get(word, 0)\n",
        "        print(word)\n        return self._counts.get(word, 0)\n",
    );
    assert_ne!(noisy, CODE);
    let files = [(".codegen/patterns/repository.yaml", pattern)];
    let repository = tally::repository_with(SMALL, &files);
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &noisy)),
        Reply::answer(
            "```python\nclass Tally:\n    def count(self, word: str) -> int:\n        \"\"\"Return how often the word was added.\"\"\"\n        return self._counts.get(word, 0)\n```\n",
        ),
        Reply::answer(&tally::tests()),
    ]);
    run(&repository, &server, &["generate"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    let requests = server.finish();
    for part in ["`print(word)`", "RULE_SENTINEL Print nothing", "Write `count` again"] {
        assert!(requests[1].question().contains(part), "`{part}` is not in:\n{}", requests[1].question());
    }

    let repository = tally::repository_with(SMALL, &files);
    let mut answers = vec![Reply::answer(&fenced(FILES[0], &noisy))];
    answers.extend(vec![Reply::answer("I see nothing wrong."); 4]);
    answers.extend([Reply::answer(&tally::code()), Reply::answer(&tally::tests())]);
    let server = ModelServer::with(answers);
    run(&repository, &server, &["generate"]).expect(0);
    let requests = server.finish();
    assert!(requests[5].question().contains("An earlier answer was refused"), "{}", requests[5].question());
}

#[test]
fn code_that_leaves_out_a_call_of_the_spec_is_asked_for_again() {
    let without = CODE.replace("def count(", "def how_often(");
    for (config, answers) in [(SMALL, 2), (CONFIG, 2)] {
        let repository = tally::repository(config);
        let server = ModelServer::with([
            Reply::answer(&fenced(FILES[0], &without)),
            Reply::answer(&tally::code()),
            Reply::answer(&tally::tests()),
        ]);
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
        assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
        assert_eq!(spec_done(&ran)["code_attempts"], answers);
        let requests = server.finish();
        assert!(requests[1].question().contains("`count(word)`"), "{}", requests[1].question());
    }
    // When nothing better comes, it is what there is, and the proposal says so.
    let repository = tally::repository(
        "model: { name: double, answers: fenced }\nlimits: { attempts: 1 }\ngates: { test_runs: 1 }\n",
    );
    let tests = TESTS.replace(".count(", ".how_often(");
    let ran =
        generate(&repository, [Reply::answer(&fenced(FILES[0], &without)), Reply::answer(&fenced(FILES[1], &tests))])
            .expect(0);
    assert!(ran.stdout.contains("nothing in the code has or uses `count(word)`"), "{}", ran.stdout);
}

#[test]
fn a_failing_test_is_left_out_only_when_the_spec_does_not_say_what_it_asks_for() {
    let more = "    # error: a long word is refused.\n    def test_refuses_a_long_word(self) -> None:\n        with self.assertRaises(ValueError):\n            Tally().add(\"a\" * 99)\n";
    let answers = |verdict: &str, unused: usize| {
        let mut answers =
            vec![Reply::answer(&tally::code()), Reply::answer(&fenced(FILES[1], &format!("{TESTS}\n{more}")))];
        answers.push(Reply::answer(verdict));
        answers.extend(vec![Reply::answer("I see nothing wrong."); unused]);
        answers
    };
    let repository = tally::repository(SMALL);
    let server = ModelServer::with(answers("No.", 0));
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS));
    assert!(ran.stdout.contains("tests were left out, since they failed"), "{}", ran.stdout);
    let requests = server.finish();
    let asked = requests[2].question();
    for part in ["SPEC_SENTINEL", "test_refuses_a_long_word", "Answer with one word"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }

    let repository = tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n"));
    // One function that it calls, and the test itself until nothing new comes. No votes: the spec has the error.
    let server = ModelServer::with(answers("Yes.", 7));
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(3);
    assert_eq!(repository.read(FILES[1]), None, "what failed is not delivered");
    assert!(!ran.stdout.contains("left out"), "{}", ran.stdout);
    server.finish();
}

#[test]
fn of_a_table_that_is_right_in_most_rows_only_the_others_are_doubted() {
    // The longest word is no limit of the spec, so a row about it is in doubt like any other.
    for (rows, doubts, left_out) in [
        (["(\"\", \"a\"),", "(\"\", \"b\"),", "(\"\", \"c\"),", "(\"word\", \"ddd\"),"], vec!["No."], true),
        (
            ["(\"\", \"a\"),", "(\"word\", \"bbb\"),", "(\"\", \"c\"),", "(\"word\", \"ddd\"),"],
            vec!["No.", "No."],
            true,
        ),
        // Where most of it is wrong, all of it is in doubt.
        (
            ["(\"\", \"a\"),", "(\"word\", \"bbb\"),", "(\"word\", \"ccc\"),", "(\"word\", \"ddd\"),"],
            vec!["No."],
            false,
        ),
    ] {
        let repository = tally::repository(SMALL);
        let answers = [tally::code(), fenced(FILES[1], &table("error", &rows))].into_iter();
        let server = ModelServer::with(
            answers.chain(doubts.iter().map(|word| (*word).to_owned())).map(|answer| Reply::answer(&answer)),
        );
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
        let right: Vec<&str> = rows.into_iter().filter(|row| !row.contains("word")).collect();
        let expected = if left_out { table("error", &right) } else { TESTS.to_owned() };
        assert_eq!(repository.read(FILES[1]), Some(expected), "{rows:?}: {}", ran.stdout);
        let requests = server.finish();
        let asked = requests[2].question();
        assert_eq!(asked.contains("(\"\", \"a\"),"), !left_out, "{asked}");
        assert!(asked.contains("test_letters") && asked.contains("(\"word\", "), "{asked}");
    }
}

/// A repository whose tally has a module about words of an author for an example, with a spec and tests of its own.
fn words_of_an_author(config: &str) -> TestRepository {
    let spec = format!("{}examples: [words.py]\n", tally::SPEC);
    let example_spec = "name: Words\ndescription: |\n  Words of an author. `Words(author)` refuses a long author with `ValueError`.\npattern: repository\nlanguage: python\nfiles: { code: words.py, tests: test_words.py }\n";
    let example = "\"\"\"Words.\"\"\"\n\n\nclass Words:\n    \"\"\"Words of somebody.\"\"\"\n\n    author: str\n\n    def __init__(self, author: str) -> None:\n        self.author = author\n";
    let tests = "import unittest\n\nfrom words import Words\n\n\nclass WordsTest(unittest.TestCase):\n    # edge case: somebody.\n    def test_author(self) -> None:\n        self.assertEqual(Words(\"a\").author, \"a\")\n";
    let more = [
        (".codegen/specs/tally.yaml", spec.as_str()),
        (".codegen/specs/words.yaml", example_spec),
        ("words.py", example),
        ("test_words.py", tests),
    ];
    tally::repository_with(config, &more)
}

#[test]
fn a_failing_test_that_is_called_after_what_the_example_is_about_is_left_out_by_rule() {
    let test = |name: &str| {
        format!(
            "{TESTS}\n    # error: a long one is refused.\n    def {name}(self) -> None:\n        with self.assertRaises(ValueError):\n            Tally().add(\"a\" * 99)\n"
        )
    };
    // Without the name of the example in its own, the model is asked whether the spec asks for it.
    let by_name = "are called after what the example is about";
    let by_word = "nothing of what they ask for was found in the spec";
    for (name, doubts, why) in [("test_refuses_a_long_author", 0, by_name), ("test_refuses_a_long_word", 1, by_word)] {
        let repository = words_of_an_author(SMALL);
        let answers = [tally::code(), fenced(FILES[1], &test(name))].into_iter();
        let answers = answers.chain(vec!["No.".to_owned(); doubts]);
        let server = ModelServer::with(answers.map(|answer| Reply::answer(&answer)));
        let ran = run(&repository, &server, &["generate", "tally", "--format", "ndjson"]).expect(0);
        assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS));
        assert!(ran.stdout.contains(&format!("{why}: `{name}`")), "{}", ran.stdout);
        server.finish();
    }
}

#[test]
fn a_field_of_the_example_in_the_tests_is_called_as_the_code_calls_its_own() {
    let code = CODE.replace(
        "    def __init__(self) -> None:\n",
        "    label: str\n\n    def __init__(self, label: str = \"\") -> None:\n        self.label = label\n",
    );
    assert_ne!(code, CODE);
    let tests = |field: &str| {
        format!(
            "{TESTS}\n    # edge case: somebody's.\n    def test_somebody(self) -> None:\n        self.assertEqual(Tally({field}=\"a\").{field}, \"a\")\n"
        )
    };
    let repository = words_of_an_author(SMALL);
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &code)),
        Reply::answer(&fenced(FILES[1], &tests("author"))),
    ]);
    let ran = run(&repository, &server, &["generate", "tally", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[1]), Some(tests("label")));
    let said = "called the field `author` of the example by that of the code, `label`";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    server.finish();
}

#[test]
fn comments_and_variables_of_the_example_become_those_of_the_spec() {
    let example_spec = "name: Author\ndescription: |\n  Authors of books. `Author(email)` refuses an email without \"@\".\npattern: repository\nlanguage: python\nfiles: { code: author.py, tests: test_author.py }\n";
    let example = "\"\"\"Authors.\"\"\"\n\n\nclass Author:\n    \"\"\"Keeps one author.\"\"\"\n\n    def __init__(self, email: str) -> None:\n        self.email = email\n";
    let tests = "import unittest\n\nfrom author import Author\n\n\nclass AuthorTest(unittest.TestCase):\n    # edge case: the author stays.\n    def test_author(self) -> None:\n        self.assertEqual(Author(\"a\").email, \"a\")\n";
    let repository = tally::repository_with(
        SMALL,
        &[
            (".codegen/specs/tally.yaml", &format!("{}examples: [author.py]\n", tally::SPEC)),
            (".codegen/specs/author.yaml", example_spec),
            ("author.py", example),
            ("test_author.py", tests),
        ],
    );
    let code = |said: &str| CODE.replacen("class Tally:\n", &format!("class Tally:\n    # {said}\n"), 1);
    let tests = |said: &str, name: &str| {
        format!(
            "{TESTS}\n    # {said}\n    def test_letters(self) -> None:\n        {name} = Tally()\n        {name}.add(\"b\")\n        self.assertEqual({name}.count(\"b\"), 1)\n"
        )
    };
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &code("Keeps one author."))),
        Reply::answer(&fenced(FILES[1], &tests("edge case: letters are counted: one without @, one with.", "author"))),
    ]);
    let ran = run(&repository, &server, &["generate", "tally", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]), Some(code("Keeps one tally.")));
    assert_eq!(repository.read(FILES[1]), Some(tests("edge case: letters are counted.", "tally")));
    assert!(ran.stdout.contains("comments and names that were those of the example"), "{}", ran.stdout);
    server.finish();
}

#[test]
fn a_test_that_is_drawn_anew_and_has_keys_of_the_example_is_not_taken() {
    // It passes, whatever `count` does.
    let drawn = |word: &str| {
        format!(
            "```python\n    def test_letters(self) -> None:\n        self.assertEqual(Tally().count(\"{word}\"), 0)\n```\n"
        )
    };
    for (word, code, draws) in [("author", 3, 6), ("word", 0, 1)] {
        let repository = words_of_an_author(&format!("{SMALL}limits: {{ attempts: 1 }}\n"));
        let mut answers =
            vec![Reply::answer(&tally::code()), Reply::answer(&fenced(FILES[1], &other_word("test_letters")))];
        answers.push(Reply::answer("Yes."));
        answers.extend(vec![Reply::answer("I see nothing wrong."); 2]);
        answers.extend(vec![Reply::answer(&drawn(word)); draws]);
        // Votes about it, where it still fails.
        answers.extend(vec![Reply::answer("I see nothing wrong."); if draws > 1 { 4 } else { 0 }]);
        let server = ModelServer::with(answers);
        let ran = run(&repository, &server, &["generate", "tally", "--format", "ndjson"]).expect(code);
        assert_eq!(
            ran.stdout.contains("the answer about `test_letters` is about the example"),
            code == 3,
            "{}",
            ran.stdout
        );
        server.finish();
    }
}

/// What comes of a failing test beside three that pass, once it and both functions that it calls were asked about in vain: the answers
/// of versions of `count`, then of `add`.
fn voted(code: &str, tests: &str, versions: &[String]) -> (TestRepository, ModelServer) {
    // Two functions, and six draws of the test.
    voted_after(8, code, tests, versions)
}

/// The same, where so many questions come before the votes.
fn voted_after(asked: usize, code: &str, tests: &str, versions: &[String]) -> (TestRepository, ModelServer) {
    let mut answers = vec![Reply::answer(&fenced(FILES[0], code)), Reply::answer(&fenced(FILES[1], tests))];
    // Whether the spec asks for it: no question where it says so itself.
    answers.extend((!versions.is_empty()).then(|| Reply::answer("Yes.")));
    answers.extend(vec![Reply::answer("I see nothing wrong."); asked]);
    answers.extend(versions.iter().map(|answer| Reply::answer(answer)));
    (tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n")), ModelServer::with(answers))
}

/// A test of this name that asks one word for what another counts.
fn other_word(name: &str) -> String {
    format!(
        "{TESTS}\n    # edge case: letters.\n    def {name}(self) -> None:\n        tally = Tally()\n        tally.add(\"ab\")\n        self.assertEqual(tally.count(\"a\"), 1)\n"
    )
}

#[test]
fn a_wrong_value_in_a_test_is_corrected_where_the_model_chooses_the_right_one_in_both_orders() {
    let expecting = |value: &str| {
        format!(
            "{TESTS}\n    # edge case: letters.\n    def test_letters(self) -> None:\n        tally = Tally()\n        tally.add(\"ab\")\n        self.assertEqual([tally.count(\"a\"), tally.count(\"ab\")], {value})\n"
        )
    };
    let started = |letters: &[&str], draws: usize| {
        let mut answers =
            vec![Reply::answer(&fenced(FILES[0], CODE)), Reply::answer(&fenced(FILES[1], &expecting("[1, 1]")))];
        // Whether the spec asks for it, and the two functions that the test calls.
        answers.push(Reply::answer("Yes."));
        answers.extend(vec![Reply::answer("I see nothing wrong."); 2]);
        answers.extend(letters.iter().map(|letter| Reply::answer(letter)));
        answers.extend(vec![Reply::answer("I see nothing wrong."); draws]);
        (tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n")), ModelServer::with(answers))
    };
    let (repository, server) = started(&["B", "A."], 0);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(expecting("[0, 1]").as_str()));
    assert!(ran.stdout.contains("expected `[1, 1]`; now it expects `[0, 1]`"), "{}", ran.stdout);
    let asked = server.finish();
    let question = |at: usize| format!("{:?}", asked[at]);
    assert!(question(5).contains("A: [1, 1]\\nB: [0, 1]") && question(6).contains("A: [0, 1]\\nB: [1, 1]"));
    assert!(question(5).contains("tally.count(\\\"ab\\\")], ?)"), "{}", question(5));

    // One that likes the first, or finds the test right, changes nothing.
    for letters in [["B", "B"].as_slice(), &["A"]] {
        // Six draws of the test; then votes.
        let (repository, server) = started(letters, 10);
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]);
        assert!(!ran.stdout.contains("now it expects"), "{}", ran.stdout);
        assert_eq!(repository.read(FILES[1]), None);
    }
}

#[test]
fn a_text_that_should_be_too_long_and_a_list_in_the_wrong_order_are_mended_by_rule() {
    let spec = tally::SPEC.replace(
        "0 at first.",
        "0 at first. A word has at most 40 letters, others are refused with `ValueError`. most_added() gives the counts, the highest first.",
    );
    let code = CODE.replace("if not word:", "if not word or len(word) > 40:")
        + "\n    def most_added(self) -> list[int]:\n        \"\"\"Return the counts, the highest first.\"\"\"\n        return sorted(self._counts.values(), reverse=True)\n";
    let tests = |word: &str, counts: &str| {
        format!(
            "{TESTS}\n    # error: a word is too long.\n    def test_long(self) -> None:\n        with self.assertRaises(ValueError):\n            Tally().add({word})\n\n    # happy path: the counts.\n    def test_most(self) -> None:\n        tally = Tally()\n        for word in [\"a\", \"b\", \"b\"]:\n            tally.add(word)\n        self.assertEqual(tally.most_added(), {counts})\n"
        )
    };
    let repository = tally::repository_with(SMALL, &[(".codegen/specs/tally.yaml", &spec)]);
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &code)),
        Reply::answer(&fenced(FILES[1], &tests("\"word12345678901234567890\"", "[1, 2]"))),
        // Whether the spec asks for either.
        Reply::answer("Yes."),
        Reply::answer("Yes."),
    ]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[1]), Some(tests("\"word\" + \"x\" * 37", "[2, 1]")));
    for told in ["became `\\\"word\\\" + \\\"x\\\" * 37`", "expected `[1, 2]`; now it expects `[2, 1]`"] {
        assert!(ran.stdout.contains(told), "{told}: {}", ran.stdout);
    }
    server.finish();
}

#[test]
fn a_call_at_which_a_test_ends_and_that_proves_nothing_is_taken_out_by_rule() {
    let tests = |call: &str| {
        format!(
            "{TESTS}\n    # edge case: letters.\n    def test_letters(self) -> None:\n        tally = Tally()\n        tally.add(\"ab\")\n{call}        self.assertEqual(tally.count(\"ab\"), 1)\n"
        )
    };
    let mut answers = vec![
        Reply::answer(&fenced(FILES[0], CODE)),
        Reply::answer(&fenced(FILES[1], &tests("        tally.add(\"\")\n"))),
    ];
    // Whether the spec asks for it, and the functions that the test calls.
    answers.push(Reply::answer("Yes."));
    answers.extend(vec![Reply::answer("I see nothing wrong."); 2]);
    let repository = tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n"));
    let server = ModelServer::with(answers);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[1]), Some(tests("")));
    assert!(ran.stdout.contains("was taken out of the test `test_letters`"), "{}", ran.stdout);
    server.finish();
}

#[test]
fn a_check_that_was_given_to_another_kind_is_given_to_its_own_by_rule() {
    let spec = tally::SPEC.replace(
        "0 at first.",
        "0 at first. Words are `short` or `long`. One that is said to be short and has more than 3 letters is refused with `ValueError`.",
    );
    let checked = |kind: &str| {
        CODE.replace("class Tally", "KINDS = (\"short\", \"long\")\n\n\nclass Tally")
            .replace("word: str) -> None:", "word: str, kind: str = \"long\") -> None:")
            .replace("        if not word:", &format!("        if kind == \"{kind}\" and len(word) > 3:\n            raise ValueError(\"a word is too long\")\n        if not word:"))
    };
    let tests = format!(
        "{TESTS}\n    # error: a short word is too long.\n    def test_short(self) -> None:\n        with self.assertRaises(ValueError):\n            Tally().add(\"abcd\", \"short\")\n\n    # happy path: a long word.\n    def test_long(self) -> None:\n        tally = Tally()\n        tally.add(\"abcd\", \"long\")\n        self.assertEqual(tally.count(\"abcd\"), 1)\n"
    );
    let repository = tally::repository_with(SMALL, &[(".codegen/specs/tally.yaml", &spec)]);
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &checked("long"))),
        Reply::answer(&fenced(FILES[1], &tests)),
        // Whether the spec asks for either.
        Reply::answer("Yes."),
        Reply::answer("Yes."),
    ]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]), Some(checked("short")));
    assert!(ran.stdout.contains("in `add` became `if kind == \\\"short\\\" and len(word) > 3:`"), "{}", ran.stdout);
    server.finish();
}

/// A version of `count`.
fn count(body: &str) -> String {
    let head = "    def count(self, word: str) -> int:\n        \"\"\"Return how often the word was added.\"\"\"\n";
    format!("```python\n{head}        {body}\n```\n")
}

/// `count` as it stands.
const STANDS: &str = "return self._counts.get(word, 0)";

#[test]
fn a_test_that_every_version_of_the_code_fails_is_outvoted_and_the_proposal_says_so() {
    let versions = [
        count("return self._counts[word] if word in self._counts else 0"),
        count(STANDS),
        method(RIGHT),
        method(RIGHT),
    ];
    let (repository, server) = voted(CODE, &other_word("test_letters"), &versions);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE), "no version passes more, so what stood stands");
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS));
    let said = "the test `test_letters` was left out, since 4 versions of the code";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    let requests = server.finish();
    for (asked, function) in [(&requests[11], "count"), (&requests[13], "add")] {
        for part in [&format!("Write `{function}` anew"), "def test_letters", "AssertionError: 0 != 1"] {
            assert!(asked.question().contains(part), "`{part}` is not in:\n{}", asked.question());
        }
    }
}

#[test]
fn a_version_that_a_rule_can_mend_is_heard() {
    let lint = "#!/bin/sh\nline=$(grep -n 'extra = 1' tally.py | cut -d: -f1)\nif [ -n \"$line\" ]; then echo \"tally.py:$line:9: F841 Local variable \\`extra\\` is assigned to but never used\"; exit 1; fi\n";
    let config = format!("{SMALL}limits: {{ attempts: 1 }}\nlanguages: {{ python: {{ lint: sh lint.sh }} }}\n");
    let idle = count("extra = 1\n        return self._counts[word] if word in self._counts else 0");
    let broken = count("return self._counts[word] if word in self._counts else nothing(");
    for (versions, is_outvoted) in [
        // Without the local that nothing uses they fail the test as the code does.
        ([idle.clone(), idle.clone(), method(RIGHT), method(RIGHT)], true),
        ([broken.clone(), broken, method(RIGHT), method(RIGHT)], false),
    ] {
        let (_, server) = voted(CODE, &other_word("test_letters"), &versions);
        let repository = tally::repository_with(&config, &[("lint.sh", lint)]);
        let ran =
            run(&repository, &server, &["generate", "--format", "ndjson"]).expect(if is_outvoted { 0 } else { 3 });
        assert_eq!(ran.stdout.contains("the test `test_letters` was left out"), is_outvoted, "{}", ran.stdout);
        server.finish();
    }
}

#[test]
fn votes_that_are_not_unanimous_or_prove_nothing_leave_the_test_in() {
    let stands = || count(STANDS);
    let wrong = || count("return self._counts.get(word, 7)");
    let right = || method(RIGHT);
    let for_it = || count("return 1");
    let nothing = || "I see nothing wrong.".to_owned();
    let rewritten = || {
        "```python\n    # edge case: letters.\n    def test_letters(self) -> None:\n        tally = Tally()\n        tally.add(\"ab\")\n        self.assertEqual(tally.count(\"a\"), 0)\n```\n".to_owned()
    };
    for (why, versions) in [
        ("every version of `count` fails other tests", [wrong(), wrong(), right(), right()]),
        ("one passes the test, whatever else it does", [stands(), for_it(), right(), right()]),
        ("there is no version of `add`, which may be what is wrong", [stands(), stands(), nothing(), nothing()]),
        ("the test, written to suit the code, is no version of it", [rewritten(), rewritten(), right(), right()]),
    ] {
        let (repository, server) = voted(CODE, &other_word("test_letters"), &versions);
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(3);
        assert_eq!(repository.read(FILES[1]), None, "{why}");
        assert!(!ran.stdout.contains("left out"), "{why}: {}", ran.stdout);
        server.finish();
    }
}

#[test]
fn there_are_no_votes_about_two_tests_that_speak_against_one_function() {
    let more = (0..5).map(|number| {
        format!("\n    # happy path: a word.\n    def test_more_{number}(self) -> None:\n        self.assertEqual(Tally().count(\"{number}\"), 0)\n")
    });
    let second = other_word("test_second").replace(TESTS, "").replace("\"ab\"", "\"abc\"");
    let tests = format!("{}{second}{}", other_word("test_letters"), more.collect::<String>());
    let mut answers = vec![Reply::answer(&tally::code()), Reply::answer(&fenced(FILES[1], &tests))];
    answers.extend(["Yes.", "Yes."].map(Reply::answer));
    // Two functions for each of the tests, then the tests, until twelve questions were asked.
    answers.extend(vec![Reply::answer("I see nothing wrong."); 12]);
    let repository = tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n"));
    let server = ModelServer::with(answers);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(3);
    assert!(!ran.stdout.contains("left out"), "{}", ran.stdout);
    server.finish();
}

#[test]
fn the_last_draws_of_a_failing_test_are_without_the_one_of_the_example() {
    let spec = format!("{}examples: [words.py]\n", tally::SPEC);
    let example = "\"\"\"Counts words.\"\"\"\n\n\nclass Words:\n    \"\"\"Words.\"\"\"\n\n    def count(self, word: str) -> int:\n        return len(word)\n";
    let tests = "import unittest\n\nfrom words import Words\n\n\nclass WordsTest(unittest.TestCase):\n    # edge case: letters.\n    def test_letters(self) -> None:\n        self.assertEqual(Words().count(\"EXAMPLE_SENTINEL\"), 16)\n";
    let more = [(".codegen/specs/tally.yaml", spec.as_str()), ("words.py", example), ("test_words.py", tests)];
    let repository = tally::repository_with(&format!("{SMALL}limits: {{ attempts: 1 }}\n"), &more);
    let nothing = vec![String::from("I see nothing wrong."); 4];
    let (_, server) = voted(CODE, &other_word("test_letters"), &nothing);
    run(&repository, &server, &["generate"]).expect(3);
    let requests = server.finish();
    let shows = |number: usize| requests[number].question().contains("EXAMPLE_SENTINEL");
    assert_eq!((5..11).map(shows).collect::<Vec<_>>(), [true, true, true, false, false, false]);
}

#[test]
fn a_version_that_passes_the_test_is_taken_instead() {
    let found = count("return sum(number for key, number in self._counts.items() if word in key)");
    let (repository, server) = voted(CODE, &other_word("test_letters"), &[count(STANDS), found]);
    run(&repository, &server, &["generate"]).expect(0);
    assert!(repository.read(FILES[0]).is_some_and(|code| code.contains("if word in key")));
    assert!(repository.read(FILES[1]).is_some_and(|tests| tests.contains("test_letters")));
    server.finish();
}

#[test]
fn a_test_that_the_spec_speaks_of_by_name_is_not_outvoted() {
    let (repository, server) = voted(CODE, &other_word("test_count_gives_how_often_added"), &[]);
    run(&repository, &server, &["generate"]).expect(3);
    assert_eq!(repository.read(FILES[1]), None);
    server.finish();
}

#[test]
fn of_a_table_the_row_that_is_outvoted_is_left_out_and_what_is_made_of_rows_goes_as_a_whole() {
    let versions = || [count(STANDS), count(STANDS), method(RIGHT), method(RIGHT)];
    let table = "    # edge case: letters.\n    def test_letters(self) -> None:\n        for word, number in [\n            (\"a\", 1),\n            (\"b\", 2),\n            (\"c\", 1),\n        ]:\n            tally = Tally()\n            tally.add(word)\n            self.assertEqual(tally.count(word), number)\n";
    // After the two functions, and before the table is drawn anew.
    let (repository, server) = voted_after(2, CODE, &format!("{TESTS}\n{table}"), &versions());
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    let tests = repository.read(FILES[1]).unwrap();
    assert!(tests.contains("(\"a\", 1)") && tests.contains("(\"c\", 1)") && !tests.contains("(\"b\", 2)"), "{tests}");
    assert!(ran.stdout.contains("a row of the test `test_letters` was left out"), "{}", ran.stdout);
    server.finish();

    // A row of a test that the spec speaks of by name, too, since the others pass. Of that there is no doubt that it is asked for.
    let named = table.replace("test_letters", "test_count_gives_how_often_added");
    let mut answers =
        vec![Reply::answer(&fenced(FILES[0], CODE)), Reply::answer(&fenced(FILES[1], &format!("{TESTS}\n{named}")))];
    answers.extend(vec![Reply::answer("I see nothing wrong."); 2]);
    answers.extend(versions().iter().map(|answer| Reply::answer(answer)));
    let (repository, server) =
        (tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n")), ModelServer::with(answers));
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert!(ran.stdout.contains("a row of the test `test_count_gives_how_often_added` was left out"), "{}", ran.stdout);
    server.finish();

    // Without either row it passes: what it counts are its data.
    let data = "    # edge case: letters.\n    def test_letters(self) -> None:\n        tally = Tally()\n        for word, _ in [\n            (\"a\", 1),\n            (\"a\", 2),\n            (\"b\", 3),\n        ]:\n            tally.add(word)\n        self.assertEqual(tally.count(\"a\"), 1)\n";
    let (repository, server) = voted_after(2, CODE, &format!("{TESTS}\n{data}"), &versions());
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS));
    assert!(ran.stdout.contains("the test `test_letters` was left out"), "{}", ran.stdout);
    server.finish();
}

#[test]
fn rows_that_are_cases_of_their_own_are_outvoted_together_before_anything_is_drawn_anew() {
    if !installed("python3", &["-m", "pytest", "--version"]) {
        return skipped("rows of a table that are cases", "pytest");
    }
    let rows =
        "        (\"a\", 1),\n        (\"b\", 2),\n        (\"c\", 1),\n        (\"d\", 3),\n        (\"e\", 1),\n";
    let test = format!(
        "import pytest\n\n{TESTS}\n\n# edge case: letters.\n@pytest.mark.parametrize(\n    (\"word\", \"number\"),\n    [\n{rows}    ],\n)\ndef test_letters(word: str, number: int) -> None:\n    tally = Tally()\n    tally.add(word)\n    assert tally.count(word) == number\n"
    );
    let mut answers = vec![Reply::answer(&fenced(FILES[0], CODE)), Reply::answer(&fenced(FILES[1], &test))];
    // Whether the spec asks for each row that is wrong, then two versions of each function that the test calls.
    answers.extend([Reply::answer("Yes."), Reply::answer("Yes.")]);
    answers.extend(
        [count(STANDS), count(STANDS), method(RIGHT), method(RIGHT)].iter().map(|answer| Reply::answer(answer)),
    );
    let config = format!("{SMALL}limits: {{ attempts: 1 }}\n");
    let repository = tally::repository_with(&config, &[("pytest.ini", "[pytest]\n")]);
    let server = ModelServer::with(answers);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    let tests = repository.read(FILES[1]).unwrap();
    assert!(["a", "c", "e"].iter().all(|word| tests.contains(&format!("(\"{word}\", 1)"))), "{tests}");
    assert!(!tests.contains("(\"b\", 2)") && !tests.contains("(\"d\", 3)"), "{tests}");
    assert!(ran.stdout.contains("rows of the test `test_letters` were left out"), "{}", ran.stdout);
    server.finish();
}

#[test]
fn rows_that_a_test_goes_through_itself_are_run_one_at_a_time_and_outvoted_together() {
    let rows = [("a", 1), ("b", 2), ("c", 1), ("d", 3), ("e", 1)];
    let rows: String = rows.map(|(word, number)| format!("            (\"{word}\", {number}),\n")).concat();
    let test = format!(
        "{TESTS}\n    # edge case: letters.\n    def test_letters(self) -> None:\n        for word, number in [\n{rows}        ]:\n            tally = Tally()\n            tally.add(word)\n            self.assertEqual(tally.count(word), number)\n"
    );
    let versions = [count(STANDS), count(STANDS), method(RIGHT), method(RIGHT)];
    // Whether the spec asks for each row that is wrong.
    let doubts = ["Yes.".to_owned(), "Yes.".to_owned()];
    let answers = [fenced(FILES[0], CODE), fenced(FILES[1], &test)].into_iter().chain(doubts).chain(versions);
    let repository = tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n"));
    let server = ModelServer::with(answers.map(|answer| Reply::answer(&answer)));
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    let tests = repository.read(FILES[1]).unwrap();
    assert!(["a", "c", "e"].iter().all(|word| tests.contains(&format!("(\"{word}\", 1)"))), "{tests}");
    assert!(!tests.contains("(\"b\", 2)") && !tests.contains("(\"d\", 3)"), "{tests}");
    assert!(ran.stdout.contains("rows of the test `test_letters` were left out"), "{}", ran.stdout);
    server.finish();
}

#[test]
fn rows_that_expect_a_refusal_of_what_the_spec_allows_go_by_rule() {
    let spec = tally::SPEC.replace("0 at first.", "0 at first. It has a kind (plain, loud or quiet).");
    let right = ["(\"\", \"a\"),", "(\"\", \"b\"),", "(\"\", \"c\"),"];
    let wrong = ["(\"kind\", \"plain\"),", "(\"kind\", \"loud\"),"];
    let all = [&right[..], &wrong[..]].concat();
    let repository = tally::repository_with(SMALL, &[(".codegen/specs/tally.yaml", &spec)]);
    let tests = table("error", &all);
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&fenced(FILES[1], &tests))]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[1]), Some(table("error", &right)));
    assert!(ran.stdout.contains("since the specification allows what they give"), "{}", ran.stdout);
    server.finish();

    // Rows that the spec does not list stay, and so do those of a test that shows no error, and of a table of which too little would be left.
    let other = ["(\"kind\", \"silent\"),", "(\"sort\", \"loud\"),"];
    // Each is then asked about as any other test is: a word (about each row that is wrong, where others are right), a function, versions of it,
    // the test itself.
    for (kind, rows, asked) in [
        ("error", [&right[..], &other[..]].concat(), 12),
        ("edge case", all, 12),
        ("error", [&right[..1], &wrong[..]].concat(), 11),
    ] {
        let repository = tally::repository_with(
            &format!("{SMALL}limits: {{ attempts: 1 }}\n"),
            &[(".codegen/specs/tally.yaml", &spec)],
        );
        let mut answers = vec![Reply::answer(&tally::code()), Reply::answer(&fenced(FILES[1], &table(kind, &rows)))];
        answers.extend(vec![Reply::answer("Yes."); asked]);
        let server = ModelServer::with(answers);
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]);
        assert!(!ran.stdout.contains("since the specification allows"), "{kind} {rows:?}: {}", ran.stdout);
        server.finish();
    }
}

#[test]
fn a_guard_that_refuses_what_the_spec_asks_for_is_taken_out_by_rule() {
    let refusal = "        if not word:\n            raise ValueError(\"a word must not be empty\")\n";
    let guarded = |asks: &str| {
        CODE.replace(
            refusal,
            &format!("{refusal}        if {asks}:\n            raise ValueError(\"a word is refused\")\n"),
        )
    };
    let more = "\n    # edge case: nothing.\n    def test_nothing(self) -> None:\n        self.assertEqual(Tally().count(\"b\"), 0)\n";
    let unnamed = format!("{TESTS}{more}");
    let named = unnamed.replace("test_counts", "test_count_gives_how_often_added");
    let repository = tally::repository(SMALL);
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &guarded("len(word) < 2"))),
        Reply::answer(&fenced(FILES[1], &named)),
    ]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(named.as_str()));
    assert!(ran.stdout.contains("took out `if len(word) < 2:` of `add`"), "{}", ran.stdout);
    server.finish();

    // Where the spec names the function with what is asked, or has its number, the guard may be what it wants; and a test that the spec
    // says nothing of takes none out.
    let limited = tally::SPEC.replace("0 at first.", "0 at first. Most words have 10 letters.");
    for (spec, asks, tests, doubts, lost) in [
        (tally::SPEC, "word in self._counts", named.as_str(), 0, false),
        (&limited, "len(word) < 10", named.as_str(), 0, true),
        (tally::SPEC, "len(word) < 2", unnamed.as_str(), 1, false),
    ] {
        let repository = tally::repository_with(SMALL, &[(".codegen/specs/tally.yaml", spec)]);
        let mut answers =
            vec![Reply::answer(&fenced(FILES[0], &guarded(asks))), Reply::answer(&fenced(FILES[1], tests))];
        answers.extend(vec![Reply::answer("Yes."); doubts]);
        answers.push(Reply::answer(&method(RIGHT)));
        let server = ModelServer::with(answers);
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
        assert!(!ran.stdout.contains("took out"), "{asks}: {}", ran.stdout);
        // What the version loses of the spec's words stands in the proposal, though every gate passes.
        assert_eq!(
            ran.stdout.contains("leaves out what the specification names: `10`"),
            lost,
            "{asks}: {}",
            ran.stdout
        );
        server.finish();
    }
}

/// The tally with a limit that nothing keeps to.
fn limited() -> String {
    CODE.replace("class Tally", "MOST = 1000\n\n\nclass Tally")
}

#[test]
fn a_limit_that_the_code_leaves_out_is_brought_into_the_function_that_the_sentence_is_about() {
    let spec = tally::SPEC.replace("0 at first.", "0 at first, and at most 1000.");
    let more = "    # edge case: counts end at 1000.\n    def test_ends(self) -> None:\n        tally = Tally()\n        for _ in range(1001):\n            tally.add(\"a\")\n        self.assertEqual(tally.count(\"a\"), 1000)\n";
    let right = CODE.replace("self._counts.get(word, 0)\n", "min(self._counts.get(word, 0), 1000)\n");
    let repository = tally::repository_with(SMALL, &[(".codegen/specs/tally.yaml", &spec)]);
    let count =
        right.split_once("    def count").map(|(_, count)| format!("```python\n    def count{count}```\n")).unwrap();
    let server = ModelServer::with([
        Reply::answer(&tally::code()),
        Reply::answer(&count),
        Reply::answer(&fenced(FILES[1], &format!("{TESTS}\n{more}"))),
    ]);
    run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(right.as_str()));
    let requests = server.finish();
    let asked = requests[1].question();
    for part in ["Nothing in the code has `1000`", "… and at most 1000. …", "Write `count` again"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
}

#[test]
fn a_function_that_is_brought_a_limit_keeps_what_its_imports_are_for() {
    if !installed("go", &["version"]) {
        return skipped("a limit that is brought into a function in Go", "go");
    }
    let spec = "name: Label\ndescription: |\n  Checks the labels of boxes. `Valid(label)` says whether a label is not blank and has at most 1000 characters.\npattern: plain\nfiles: { code: half/label.go, tests: half/label_test.go }\n";
    let config = format!("{SMALL}limits: {{ attempts: 1 }}\n").replace("version: 1\n", "");
    let code = "// Package half checks labels.\npackage half\n\nimport \"strings\"\n\n// Valid says whether a label may be used.\nfunc Valid(label string) bool {\n\tif strings.TrimSpace(label) == \"\" {\n\t\treturn false\n\t}\n\treturn true\n}\n";
    // It counts bytes, and calls a label of spaces a good one.
    let answer = "```go\nfunc Valid(label string) bool {\n\tif label == \"\" {\n\t\treturn false\n\t}\n\tif len(label) > 1000 {\n\t\treturn false\n\t}\n\treturn true\n}\n```\n";
    let tests = "package half\n\nimport (\n\t\"strings\"\n\t\"testing\"\n)\n\nfunc TestValid(t *testing.T) {\n\ttests := []struct {\n\t\tname  string\n\t\tlabel string\n\t\twant  bool\n\t}{\n\t\t{\"happy path: a word\", \"box\", true},\n\t\t{\"error: spaces\", \"  \", false},\n\t\t{\"edge case: the longest\", strings.Repeat(\"α\", 1000), true},\n\t\t{\"edge case: too long\", strings.Repeat(\"α\", 1001), false},\n\t}\n\tfor _, tc := range tests {\n\t\tt.Run(tc.name, func(t *testing.T) {\n\t\t\tif got := Valid(tc.label); got != tc.want {\n\t\t\t\tt.Errorf(\"Valid = %v, want %v\", got, tc.want)\n\t\t\t}\n\t\t})\n\t}\n}\n";
    let repository = super::gates::go(&[(".codegen/config.yaml", &config), (".codegen/specs/label.yaml", spec)]);
    let server = ModelServer::with([
        Reply::answer(&format!("half/label.go\n```go\n{code}```\n")),
        Reply::answer(answer),
        Reply::answer(&format!("half/label_test.go\n```go\n{tests}```\n")),
    ]);
    let ran = run(&repository, &server, &["generate", "label", "--format", "ndjson"]).expect(0);
    let right = repository.read("half/label.go").unwrap_or_default();
    for part in ["strings.TrimSpace(label) == \"\"", "utf8.RuneCountInString(label) > 1000", "\"unicode/utf8\""] {
        assert!(right.contains(part), "{right}\n{}", ran.stdout);
    }
    server.finish();
}

#[test]
fn what_a_function_sorts_by_is_turned_round_by_rule_where_the_spec_asks_for_the_highest_first() {
    let spec =
        tally::SPEC.replace("0 at first.", "0 at first. most_added() gives the entries, the highest number first.");
    let sorted = |how: &str| {
        format!(
            "{CODE}\n    def most_added(self) -> list:\n        \"\"\"Return the entries.\"\"\"\n        return {how}\n"
        )
    };
    let ascending = sorted("sorted(self._entries, key=lambda entry: entry.number)");
    let descending = sorted("sorted(self._entries, key=lambda item: item.number, reverse=True)");
    let tests = format!(
        "{TESTS}\n    # edge case: nothing was added.\n    def test_most_added(self) -> None:\n        tally = Tally()\n        tally._entries = []\n        self.assertEqual(tally.most_added(), [])\n"
    );
    // What is sorted by something else, too, is asked about, and said where that is in vain.
    for (code, asked, expected) in [
        (&ascending, 0, Some(&descending)),
        (&sorted("sorted(self._entries, key=lambda entry: (entry.number, entry.word))"), 2, None),
    ] {
        let repository = tally::repository_with(
            &format!("{SMALL}limits: {{ attempts: 1 }}\n"),
            &[(".codegen/specs/tally.yaml", &spec)],
        );
        let mut answers = vec![Reply::answer(&fenced(FILES[0], code))];
        answers.extend(vec![Reply::answer("I see nothing wrong."); asked]);
        answers.push(Reply::answer(&fenced(FILES[1], &tests)));
        let server = ModelServer::with(answers);
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
        assert_eq!(repository.read(FILES[0]).as_ref(), Some(expected.unwrap_or(code)), "{}", ran.stdout);
        let said = "mended by rule: `most_added` gives the highest number first";
        assert_eq!(ran.stdout.contains(said), expected.is_some(), "{}", ran.stdout);
        server.finish();
    }
}

#[test]
fn a_default_that_the_code_gives_to_nothing_is_asked_for_where_the_input_is_read() {
    let spec =
        tally::SPEC.replace("0 at first.", "0 at first. A kind is \"plain\" when it is left out, else \"loud\".");
    let compares = CODE.replace("class Tally", "KINDS = (\"plain\", \"loud\")\n\n\nclass Tally");
    let given = "```python\n    def add(self, word: str, kind: str = \"plain\") -> None:\n        \"\"\"Count a word of a kind; an empty one is refused.\"\"\"\n        if kind not in KINDS:\n            raise ValueError(kind)\n        if not word:\n            raise ValueError(\"a word must not be empty\")\n        self._counts[word] = self._counts.get(word, 0) + 1\n```\n";
    // What is not mended in two questions is said.
    for (answers, is_given) in [(vec![given; 1], true), (vec!["I see nothing wrong."; 2], false)] {
        let repository = tally::repository_with(
            &format!("{SMALL}limits: {{ attempts: 1 }}\n"),
            &[(".codegen/specs/tally.yaml", &spec)],
        );
        let replies = [fenced(FILES[0], &compares)].into_iter().chain(answers.into_iter().map(str::to_owned));
        let server = ModelServer::with(replies.chain([tally::tests()]).map(|answer| Reply::answer(&answer)));
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
        let said = "the specification names what the code leaves out: nothing in the code has or uses `\\\"plain\\\" when it is left out`";
        assert_eq!(ran.stdout.contains(said), !is_given, "{}", ran.stdout);
        assert_eq!(repository.read(FILES[0]).is_some_and(|code| code.contains("kind: str = \"plain\"")), is_given);
        assert!(server.finish()[1].question().contains("Nothing in the code gives `plain` to what is left out"));
    }
}

#[test]
fn a_limit_that_the_spec_does_not_have_is_taken_out_or_said() {
    let guarded = "        if not word or len(word) > MAX_LETTERS:\n";
    let declared = CODE.replace("class Tally", "MAX_LETTERS = 99\n\n\nclass Tally");
    let made_up = declared.replace("        if not word:\n", guarded);
    for (code, answers, said) in [
        // Nothing uses it: it goes by rule.
        (&declared, vec![], "removed limits that nothing uses and the specification does not name: MAX_LETTERS"),
        // The function is asked for without it.
        (
            &made_up,
            vec![method(RIGHT)],
            "removed limits that nothing uses and the specification does not name: MAX_LETTERS",
        ),
        (
            &made_up,
            vec!["I see nothing wrong.".to_owned()],
            "a limit that the specification does not name: `MAX_LETTERS` is 99",
        ),
    ] {
        let repository = tally::repository(SMALL);
        let asked = answers.len();
        let replies = [fenced(FILES[0], code)].into_iter().chain(answers).chain([tally::tests()]);
        let server = ModelServer::with(replies.map(|answer| Reply::answer(&answer)));
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
        let is_kept = said.contains("is 99");
        assert_eq!(repository.read(FILES[0]).as_deref(), Some(if is_kept { &made_up } else { CODE }));
        let requests = server.finish();
        assert!(asked == 0 || requests[1].question().contains("The specification says nothing of a limit of 99"));
    }

    // A larger model is not asked, and nothing of what it writes is taken out.
    let repository = tally::repository(tally::CONFIG);
    let server = ModelServer::with([Reply::answer(&fenced(FILES[0], &made_up)), Reply::answer(&tally::tests())]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert!(ran.stdout.contains("`MAX_LETTERS` is 99"), "{}", ran.stdout);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(made_up.as_str()));
    server.finish();
}

#[test]
fn an_error_that_the_code_never_raises_is_asked_of_the_functions_that_the_spec_names_with_it() {
    let spec = tally::SPEC.replace("`ValueError`", "EmptyWordError");
    let error = "class EmptyWordError(ValueError):\n    \"\"\"A word is empty.\"\"\"\n\n\nclass Tally:";
    let declared = CODE.replace("class Tally:", error);
    let repository = tally::repository_with(SMALL, &[(".codegen/specs/tally.yaml", &spec)]);
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &declared)),
        Reply::answer(&method(&RIGHT.replace("ValueError", "EmptyWordError"))),
        // The sentence says `count` too.
        Reply::answer("I see nothing wrong."),
        Reply::answer(&tally::tests()),
    ]);
    run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    let right = declared.replace("raise ValueError", "raise EmptyWordError");
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(right.as_str()));
    let requests = server.finish();
    let asked = requests[1].question();
    for part in ["an empty one with EmptyWordError", "`add` never uses `EmptyWordError`", "Write `add` again"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
}

#[test]
fn a_helper_that_only_failing_tests_share_is_written_anew_after_the_functions() {
    let helper = |word: &str| {
        format!("def filled() -> Tally:\n    tally = Tally()\n    tally.add(\"{word}\")\n    return tally\n")
    };
    let more = "    # happy path: what was added counts.\n    def test_filled_counts(self) -> None:\n        self.assertEqual(filled().count(\"a\"), 1)\n\n    # edge case: another word counts nothing.\n    def test_filled_counts_no_other(self) -> None:\n        self.assertEqual(filled().count(\"b\"), 0)\n";
    let tests =
        |word: &str| TESTS.replace("class TallyTest", &format!("{}\n\nclass TallyTest", helper(word))) + "\n" + more;
    let repository = tally::repository(SMALL);
    let server = ModelServer::with([
        Reply::answer(&tally::code()),
        Reply::answer(&fenced(FILES[1], &tests(""))),
        // Both tests, then the function that refuses what the helper adds.
        Reply::answer("Yes."),
        Reply::answer("Yes."),
        Reply::answer("I see nothing wrong."),
        Reply::answer("I see nothing wrong."),
        Reply::answer("I see nothing wrong."),
        Reply::answer("I see nothing wrong."),
        Reply::answer(&format!("```python\n{}```\n", helper("a"))),
    ]);
    run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(tests("a").as_str()));
    let requests = server.finish();
    let asked = requests.last().unwrap().question();
    for part in ["Write `filled` anew", "a word must not be empty", "test_filled_counts"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
    assert!(!asked.contains("tally.add(\"\")\n    return"), "what was wrong is repeated when it is shown:\n{asked}");
}

#[test]
fn a_function_written_anew_keeps_what_it_did_of_the_spec() {
    let spec = tally::SPEC.replace("0 at first.", "0 at first. Spaces around a word are stripped.");
    let refusal = "        if not word:\n            raise ValueError(\"a word must not be empty\")\n";
    let counted = "        self._counts[word] = self._counts.get(word, 0) + 1\n";
    let stripped = "        stripped = word.strip()\n        before = self._counts.get(stripped, 0)\n        self._counts[stripped] = before + 1\n";
    let wrong = CODE.replace(refusal, "").replace(counted, stripped);
    let right = CODE.replace(counted, stripped);
    let add = CODE.split_once("    def add").and_then(|(_, rest)| rest.split_once("\n    def count")).unwrap().0;
    let repository = tally::repository_with(SMALL, &[(".codegen/specs/tally.yaml", &spec)]);
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &wrong)),
        Reply::answer(&tally::tests()),
        // It refuses the empty word, and no longer strips any.
        Reply::answer(&format!("```python\n    def add{add}```\n")),
    ]);
    run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(right.as_str()));
    let requests = server.finish();
    assert!(requests[2].question().contains("Write `add` anew"), "{}", requests[2].question());
}

#[test]
fn a_failing_test_with_a_number_of_the_spec_is_not_doubted() {
    let spec = tally::SPEC.replace("0 at first.", "0 at first, and at most 1000.");
    let more = "    # edge case: counts end at 1000.\n    def test_ends(self) -> None:\n        tally = Tally()\n        for _ in range(1001):\n            tally.add(\"a\")\n        self.assertEqual(tally.count(\"a\"), 1000)\n";
    let right = limited().replace("self._counts.get(word, 0)\n", "min(self._counts.get(word, 0), MOST)\n");
    let config = format!("{SMALL}limits: {{ attempts: 1 }}\n");
    let repository = tally::repository_with(&config, &[(".codegen/specs/tally.yaml", &spec)]);
    let count =
        right.split_once("    def count").map(|(_, count)| format!("```python\n    def count{count}```\n")).unwrap();
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &limited())),
        Reply::answer(&fenced(FILES[1], &format!("{TESTS}\n{more}"))),
        // About the function at once: no question for a word stands before it.
        Reply::answer(&count),
    ]);
    run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(right.as_str()));
    let requests = server.finish();
    assert!(requests[2].question().contains("Write `count` anew"), "{}", requests[2].question());
}

#[test]
fn a_function_that_comes_out_as_it_stands_is_not_asked_about_for_another_test() {
    let spec = tally::SPEC.replace("0 at first.", "0 at first, and at most 1000.");
    let more = |name: &str| {
        format!(
            "    # edge case: counts end at 1000.\n    def {name}(self) -> None:\n        tally = Tally()\n        for _ in range(1001):\n            tally.add(\"a\")\n        self.assertEqual(tally.count(\"a\"), 1000)\n"
        )
    };
    let part = |from: &str, to: &str| {
        let text = CODE.split_once(from).map(|(_, rest)| rest.split(to).next().unwrap_or_default().trim_end()).unwrap();
        format!("```python\n{from}{text}\n```\n")
    };
    let there = more("test_ends_there").replace("1001", "1002");
    let config = format!("{SMALL}limits: {{ attempts: 1 }}\n");
    let repository = tally::repository_with(&config, &[(".codegen/specs/tally.yaml", &spec)]);
    let mut answers = vec![
        Reply::answer(&fenced(FILES[0], &limited())),
        Reply::answer(&fenced(FILES[1], &format!("{TESTS}\n{}\n{there}", more("test_ends")))),
        Reply::answer(&part("    def count", "\n    def none")),
        Reply::answer(&part("    def add", "\n    def count")),
    ];
    // About the two tests themselves, until nothing new comes; then, for a word, whether the spec asks for what they check, since the
    // function that they speak against was upheld.
    answers.extend(vec![Reply::answer("I see nothing wrong."); 11]);
    let server = ModelServer::with(answers);
    run(&repository, &server, &["generate", "--format", "ndjson"]).expect(3);
    let requests = server.finish();
    let about =
        |name: &str| requests.iter().filter(|asked| asked.question().contains(&format!("Write `{name}` anew"))).count();
    assert_eq!((about("count"), about("add")), (1, 1));
}

#[test]
fn where_a_failing_test_calls_nothing_of_the_code_its_words_name_the_function() {
    let spec = tally::SPEC.replace("0 at first.", "0 at first, and at most 1000.");
    let helper = "def tallied(words: list[str], word: str) -> int:\n    tally = Tally()\n    for one in words:\n        tally.add(one)\n    return tally.count(word)\n";
    let more = "    # edge case: how often a word was added ends at 1000.\n    def test_ends(self) -> None:\n        self.assertEqual(tallied([\"a\"] * 1001, \"a\"), 1000)\n";
    let tests = TESTS.replace("class TallyTest", &format!("{helper}\n\nclass TallyTest"));
    let right = limited().replace("self._counts.get(word, 0)\n", "min(self._counts.get(word, 0), MOST)\n");
    let count =
        right.split_once("    def count").map(|(_, count)| format!("```python\n    def count{count}```\n")).unwrap();
    let config = format!("{SMALL}limits: {{ attempts: 1 }}\n");
    let repository = tally::repository_with(&config, &[(".codegen/specs/tally.yaml", &spec)]);
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &limited())),
        Reply::answer(&fenced(FILES[1], &format!("{tests}\n{more}"))),
        Reply::answer(&count),
    ]);
    run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(right.as_str()));
    let requests = server.finish();
    let asked = requests[2].question();
    for part in ["Write `count` anew", "test_ends", "1001 != 1000"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
}

#[test]
fn code_that_cannot_be_parsed_is_mended_by_its_item_with_what_the_example_has_in_its_place() {
    let spec = format!("{}examples: [words.py]\n", tally::SPEC);
    let example = "\"\"\"Counts words.\"\"\"\n\n\nclass Words:\n    \"\"\"Words.\"\"\"\n\n    def count(self, word: str) -> int:\n        return len(word)  # EXAMPLE_SENTINEL\n";
    let more = [(".codegen/specs/tally.yaml", spec.as_str()), ("words.py", example)];
    let broken = CODE.replace("return self._counts.get(word, 0)", "return self._counts.get(word 0)");
    let count =
        CODE.split_once("    def count").map(|(_, count)| format!("```python\n    def count{count}```\n")).unwrap();
    let repository = tally::repository_with(&format!("{SMALL}limits: {{ attempts: 1 }}\n"), &more);
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &broken)),
        Reply::answer(&count),
        Reply::answer(&tally::tests()),
    ]);
    run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    let requests = server.finish();
    let asked = requests[1].question();
    for part in [
        "Write `count` again, corrected",
        "get(word 0)",
        "the same of another specification, from words.py",
        "EXAMPLE_SENTINEL",
    ] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
}

#[test]
fn a_test_that_cannot_be_parsed_is_asked_about_once_and_then_left_out() {
    let broken = "    # edge case: nothing comes of nothing.\n    def test_breaks(self) -> None:\n        self.assertEqual(Tally().count({\"a\": 1, \"b\"}), 0)\n";
    let whole = broken.replace("{\"a\": 1, \"b\"}", "\"b\"");
    for (answer, kept) in [(format!("```python\n{whole}```\n"), true), ("I see nothing wrong.".to_owned(), false)] {
        let repository = tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n"));
        let server = ModelServer::with([
            Reply::answer(&tally::code()),
            Reply::answer(&fenced(FILES[1], &format!("{TESTS}\n{broken}"))),
            Reply::answer(&answer),
        ]);
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
        let expected = if kept { format!("{TESTS}\n{whole}") } else { TESTS.to_owned() };
        assert_eq!(repository.read(FILES[1]), Some(expected));
        assert_eq!(ran.stdout.contains("tests were left out, since they could not be built: `test_breaks`"), !kept);
        assert!(server.finish()[2].question().contains("{\"a\": 1, \"b\"}"));
    }
}

#[test]
fn a_row_that_cannot_be_parsed_is_left_out_by_rule_where_enough_others_stay() {
    let table = |rows: &[&str]| {
        let rows: String = rows.iter().map(|row| format!("            {row}\n")).collect();
        format!(
            "{TESTS}\n    # edge case: letters.\n    def test_letters(self) -> None:\n        for fields in [\n{rows}        ]:\n            self.assertEqual(Tally().count(fields[\"word\"]), 0)\n"
        )
    };
    let broken = "{\"word\": \"b\", \"number\"},";
    let whole = ["{\"word\": \"a\"},", "{\"word\": \"c\"},"];
    let repository = tally::repository(SMALL);
    let tests = table(&[whole[0], broken, whole[1]]);
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&fenced(FILES[1], &tests))]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[1]), Some(table(&whole)));
    assert!(ran.stdout.contains("since they could not be built: 1 row of `test_letters`"), "{}", ran.stdout);
    server.finish();

    // Of two of three too few would stay: the model is asked first.
    let tests = table(&[whole[0], broken, broken]);
    let server = ModelServer::with([
        Reply::answer(&tally::code()),
        Reply::answer(&fenced(FILES[1], &tests)),
        Reply::answer("I see nothing wrong."),
    ]);
    let repository = tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n"));
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert!(ran.stdout.contains("since they could not be built: 2 rows of `test_letters`"), "{}", ran.stdout);
    assert!(server.finish()[2].question().contains(broken));
}

#[test]
fn what_a_message_says_precisely_is_mended_by_rule_and_costs_no_call() {
    let repository = tally::repository_with(
        &format!("{SMALL}languages: {{ python: {{ lint: sh lint.sh }} }}\n"),
        &[(
            "lint.sh",
            "#!/bin/sh\nif grep -q '^import os' tally.py; then echo 'tally.py:3:8: F401 `os` imported but unused'; exit 1; fi\n",
        )],
    );
    let needless = CODE.replacen("\n\n\n", "\n\nimport os\n\n\n", 1);
    let server = ModelServer::with([Reply::answer(&fenced(FILES[0], &needless)), Reply::answer(&tally::tests())]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    assert_eq!(calls(&ran), [("code".to_owned(), 1), ("tests".to_owned(), 1)]);
    assert!(ran.stdout.contains("mended by rule: removed `os`, which nothing uses"), "{}", ran.stdout);
    server.finish();
}

#[test]
fn an_answer_that_goes_round_in_circles_is_ended() {
    let repository = tally::repository("model: { name: double, answers: fenced }\nlimits: { attempts: 1 }\n");
    let rows: String = (0..400).map(|id| format!("    check({id}, \"a word\")\n")).collect();
    let ran = generate(&repository, [Reply::answer(&fenced(FILES[0], &format!("def test():\n{rows}")))]).expect(4);
    assert!(ran.stdout.contains("repeats itself"), "{}", ran.stdout);
}

/// Tests of which the last one never ends.
fn endless() -> String {
    let rows: String =
        (0..400).map(|id| format!("        self.assertEqual(Tally().count(\"word {id}\"), 0)\n")).collect();
    format!("{TESTS}\n    # edge case: many words.\n    def test_many(self) -> None:\n{rows}")
}

#[test]
fn of_tests_that_go_round_in_circles_those_that_are_whole_are_kept() {
    let repository = tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n"));
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&fenced(FILES[1], &endless()))]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS));
    assert!(ran.stdout.contains("the tests in it that are whole are kept"), "{}", ran.stdout);
    server.finish();
}

#[test]
fn failing_tests_come_back_with_the_failure_and_either_side_may_be_corrected() {
    let repository = tally::repository(CONFIG);
    let wrong = CODE.replace("self._counts.get(word, 0) + 1", "1");
    let both = format!("{}\n{}", tally::code(), tally::tests());
    let server = ModelServer::with([
        Reply::answer(&fenced(FILES[0], &wrong)),
        Reply::answer(&tally::tests()),
        Reply::answer(&both),
    ]);
    run(&repository, &server, &["generate"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE), "the corrected code must be delivered");
    let requests = server.finish();
    let asked = requests[2].question();
    for part in ["AssertionError: 1 != 2", "test_counts", "`tally.py` or `test_tally.py`", "_counts[word] = 1"] {
        assert!(asked.contains(part), "`{part}` is not in:\n{asked}");
    }
    assert!(requests[2].messages().iter().any(|text| text.contains("class TallyTest")), "the failed tests are shown");
}

#[test]
fn attempts_end_at_the_limit_and_each_fallback_model_gets_one_more() {
    let wrong = Reply::answer(&fenced(FILES[0], "def broken(:\n"));
    for (config, names) in [
        ("limits: { attempts: 2 }\nmodel: { name: double, answers: fenced }\n", vec!["double", "double"]),
        (
            "limits: { attempts: 1 }\nmodel: { name: double, answers: fenced, fallback: [stronger, strongest] }\n",
            vec!["double", "stronger", "strongest"],
        ),
    ] {
        let repository = tally::repository(config);
        let before = repository.fingerprint();
        let server = ModelServer::with(vec![wrong.clone(); names.len()]);
        let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(3);
        assert_eq!(spec_done(&ran)["code_attempts"], names.len());
        assert_eq!(spec_done(&ran)["test_attempts"], 0);
        let asked: Vec<Value> = server.finish().iter().map(|request| request.body["model"].clone()).collect();
        assert_eq!(asked, names);
        assert_eq!(repository.fingerprint(), before);
    }
}

#[test]
fn what_is_no_answer_ends_with_exit_code_4_a_reason_and_an_untouched_tree() {
    let repository = tally::repository(ONE_ATTEMPT);
    let whole = tally::code();
    let text = |finish: &str| Reply::stream().piece(&whole).finish(finish).done();
    let message = |message: Value| {
        Reply::json(
            200,
            &json!({ "id": "1", "model": "double", "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }),
        )
    };
    let call = json!({ "tool_calls": [{ "index": 0, "id": "1", "type": "function", "function": { "name": "write", "arguments": "{}" } }] });
    let before = repository.fingerprint();
    for (name, reply, reason) in [
        ("no choices", Reply::json(200, &json!({ "id": "1", "choices": [] })), "no choices"),
        ("no choices in a stream", Reply::stream().usage(1, 1, 0).done(), "no choices"),
        ("an empty stream", Reply::stream().done(), "no choices"),
        ("content null", message(json!({ "role": "assistant", "content": null })), "the answer is empty"),
        (
            "content null in a stream",
            Reply::stream().delta(&json!({ "content": null }), None).stop(),
            "the answer is empty",
        ),
        ("content of spaces", Reply::answer(" \n "), "the answer is empty"),
        (
            "a refusal",
            message(json!({ "content": null, "refusal": "I must not count words." })),
            "I must not count words.",
        ),
        (
            "a refusal in a stream",
            Reply::stream()
                .delta(&json!({ "refusal": "I must not " }), None)
                .delta(&json!({ "refusal": "count." }), None)
                .stop(),
            "the model refused: I must not count.",
        ),
        (
            "a refusal after a whole answer",
            Reply::stream().piece(&whole).delta(&json!({ "refusal": "On second thought, no." }), None).stop(),
            "On second thought, no.",
        ),
        ("a tool call", Reply::stream().delta(&call, None).finish("tool_calls").done(), "calls a tool"),
        ("a tool call that claims to have stopped", Reply::stream().delta(&call, None).stop(), "calls a tool"),
        (
            "a tool call beside a whole answer",
            Reply::stream().piece(&whole).delta(&call, None).finish("tool_calls").done(),
            "calls a tool",
        ),
        ("cut at the limit", text("length"), "cut off at the limit of its length"),
        ("filtered", text("content_filter"), "content filter"),
        ("prose", Reply::answer("Of course! The class Tally would count words in a dictionary."), "no fenced block"),
        ("bare code", Reply::answer(CODE), "no fenced block"),
        (
            "truncated code that claims to be whole",
            Reply::answer(whole.trim_end().trim_end_matches('`')),
            "cut off: the block of `tally.py` is not closed",
        ),
        (
            "two blocks without paths",
            Reply::answer("```python\na = 1\n```\n```python\nb = 2\n```\n"),
            "not clear which file",
        ),
        ("the file twice", Reply::answer(&format!("{whole}{whole}")), "stands twice"),
        ("an empty file", Reply::answer("tally.py\n```python\n```\n"), "`tally.py` is empty"),
        ("not the protocol", Reply::json(200, &json!(["hello"])), "protocol"),
        ("a page", Reply::stream().raw(b"<html>not a model</html>"), "choices"),
    ] {
        let ran = generate(&repository, [reply]);
        assert_eq!(ran.code, 4, "{name}: {}\n{}", ran.stdout, ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{name}: {}", ran.stderr);
        let done = spec_done(&ran);
        let told = done["reason"].as_str().unwrap_or_default();
        assert!(told.contains(reason), "{name}: `{reason}` is not in `{told}`");
        assert_eq!(done["outcome"], "failed", "{name}");
        assert_eq!(repository.fingerprint(), before, "{name}");
    }
    // The same server with whole answers: what was refused above is not refused always.
    generate(&repository, [Reply::answer(&whole), Reply::answer(&tally::tests())]).expect(0);
}

#[test]
fn a_bad_answer_is_asked_for_again_with_the_reason() {
    let repository = tally::repository(CONFIG);
    let server = ModelServer::with([
        Reply::answer("Sure, PROSE_SENTINEL."),
        Reply::stream().piece("tally.py\n```python\nHALF_SENTINEL").finish("length").done(),
        Reply::answer(&tally::code()),
        Reply::answer(&tally::tests()),
    ]);
    run(&repository, &server, &["generate"]).expect(0);
    let requests = server.finish();
    assert!(requests[1].question().contains("no fenced block"), "{}", requests[1].question());
    assert!(requests[1].body.to_string().contains("PROSE_SENTINEL"));
    assert!(requests[2].question().contains("cut off at the limit"), "{}", requests[2].question());
    assert!(requests[2].body.to_string().contains("HALF_SENTINEL"));
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
}

#[test]
fn an_answer_for_a_path_that_the_spec_does_not_own_ends_with_exit_code_6() {
    let repository = tally::repository(ONE_ATTEMPT);
    let before = repository.fingerprint();
    for path in [
        "../escape.py",
        "shop/../../escape.py",
        "/tmp/escape.py",
        "other.py",
        "test_tally.py",
        "setup.py",
        "requirements.txt",
        ".git/hooks/pre-commit",
        ".github/workflows/ci.yml",
        ".codegen/specs/tally.yaml",
        "TALLY.py",
    ] {
        for answer in [fenced(path, CODE), format!("{}{}", tally::code(), fenced(path, CODE))] {
            let ran = generate(&repository, [Reply::answer(&answer)]);
            assert_eq!(ran.code, 6, "{path}: {}\n{}", ran.stdout, ran.stderr);
            let done = spec_done(&ran);
            assert!(done["reason"].as_str().unwrap().contains(path), "{path}: {done}");
            assert_eq!(repository.fingerprint(), before, "{path}");
        }
    }
    assert!(!repository.path().parent().unwrap().join("escape.py").exists());
    assert!(!std::path::Path::new("/tmp/escape.py").exists());
}

#[test]
fn code_and_tests_that_a_gate_refuses_end_with_exit_code_3() {
    let repository = tally::repository(ONE_ATTEMPT);
    let before = repository.fingerprint();
    let code = |text: &str| vec![Reply::answer(&fenced(FILES[0], text))];
    let tests = |text: &str| vec![Reply::answer(&tally::code()), Reply::answer(&fenced(FILES[1], text))];
    for (gate, script) in [
        ("syntax", code("def broken(:\n")),
        ("build", code(&format!("{CODE}\nreturn 1\n"))),
        ("syntax", tests("class Broken(\n")),
        ("test-quality", tests(&TESTS.replace("edge case:", "also:"))),
        ("generated-tests", tests(&TESTS.replace("), 2)", "), 3)"))),
    ] {
        let ran = generate(&repository, script).expect(3);
        let failed: Vec<Value> =
            ran.events().into_iter().filter(|event| event["type"] == "gate" && event["status"] == "failed").collect();
        let gates: Vec<&str> = failed.iter().filter_map(|event| event["gate"].as_str()).collect();
        assert_eq!(gates, [gate], "{}", ran.stdout);
        assert_eq!(repository.fingerprint(), before, "{gate}");
    }
}

#[test]
fn only_what_may_pass_is_tried_again() {
    let error = |status: u16| Reply::error(status, "some_error", "no").header("retry-after", "0");
    for status in [408, 425, 429, 500, 502, 503, 504, 529] {
        let server = ModelServer::with([error(status), Reply::answer("hello")]);
        assert_eq!(complete(&server).unwrap().text, "hello", "{status}");
        assert_eq!(server.finish().len(), 2, "{status}");
    }
    for status in [400, 401, 403, 404, 409, 413, 422, 501] {
        let server = ModelServer::with([error(status)]);
        let failed = complete(&server).unwrap_err();
        assert_eq!(failed.kind, status.to_string(), "{failed:?}");
        assert_eq!(server.finish().len(), 1, "{status}");
    }
}

#[test]
fn an_empty_account_is_not_asked_again_whatever_the_status() {
    for (status, body) in [
        (
            429,
            json!({ "error": { "message": "You exceeded your current quota.", "type": "insufficient_quota", "code": "insufficient_quota" } }),
        ),
        (
            429,
            json!({ "error": { "message": "You exceeded your current quota.", "type": "insufficient_quota", "code": null } }),
        ),
        (403, json!({ "error": { "message": "No credit.", "code": "insufficient_quota" } })),
    ] {
        let server = ModelServer::with([Reply::json(status, &body).header("retry-after", "0")]);
        let failed = complete(&server).unwrap_err();
        assert_eq!(failed.kind, "insufficient_quota", "{failed:?}");
        assert_eq!(server.finish().len(), 1);
    }
    let repository = tally::repository(CONFIG);
    let before = repository.fingerprint();
    let ran =
        generate(&repository, [Reply::error(429, "insufficient_quota", "You exceeded your current quota.")]).expect(4);
    assert!(
        ran.stderr.contains("You exceeded your current quota") && ran.stderr.contains("no credit left"),
        "{}",
        ran.stderr
    );
    assert_eq!(repository.fingerprint(), before);
}

#[test]
fn a_busy_server_is_given_up_after_four_more_tries() {
    let busy = Reply::error(503, "overloaded", "busy").header("retry-after", "0");
    let server = ModelServer::with(vec![busy; 5]);
    let failed = complete(&server).unwrap_err();
    assert_eq!(failed.kind, "503");
    assert!(failed.message.contains("5 tries"), "{}", failed.message);
    assert_eq!(server.finish().len(), 5);
}

#[test]
fn a_refused_and_a_broken_try_do_not_spoil_the_third() {
    let repository = tally::repository(CONFIG);
    let server = ModelServer::with([
        Reply::error(429, "rate_limit_exceeded", "slow down").header("retry-after", "0"),
        Reply::json(500, &json!("oh no")).header("retry-after", "0"),
        Reply::answer(&tally::code()),
        Reply::answer(&tally::tests()),
    ]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(calls(&ran), [("code".to_owned(), 1), ("tests".to_owned(), 1)], "a retry is not an attempt");
    let requests = server.finish();
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[0].body, requests[2].body);
}

#[test]
fn a_server_that_says_when_is_not_asked_before() {
    // Without the header the wait is half a second at most.
    let server = ModelServer::with([
        Reply::error(429, "rate_limit_exceeded", "slow down").header("retry-after", "2"),
        Reply::answer("hello"),
    ]);
    complete(&server).unwrap();
    let requests = server.finish();
    assert!(requests[1].at - requests[0].at >= Duration::from_secs(2), "the program did not wait");
}

#[test]
fn a_server_that_asks_for_too_much_patience_is_given_up_at_once() {
    let server =
        ModelServer::with([Reply::error(429, "rate_limit_exceeded", "slow down").header("retry-after", "3600")]);
    let failed = complete(&server).unwrap_err();
    assert_eq!(failed.kind, "429");
    assert!(failed.hint.unwrap().contains("3600 s"));
    assert_eq!(server.finish().len(), 1);
}

#[test]
fn a_connection_that_breaks_before_or_in_the_answer_is_made_again() {
    for broken in [
        Reply::hang_up(),
        Reply::stream().cut(),
        Reply::stream().piece("hel").cut(),
        Reply::stream().piece("hel"),
        Reply::stream().piece("hel").done(),
        Reply::stream().piece("hel").event(&json!({ "error": { "message": "engine died" } })),
    ] {
        let server = ModelServer::with([broken.clone(), Reply::answer("hello")]);
        assert_eq!(complete(&server).unwrap().text, "hello", "{broken:?}");
        assert_eq!(server.finish().len(), 2, "{broken:?}");
    }
}

#[test]
fn an_unknown_parameter_is_left_out_and_not_sent_again() {
    let refused = |name: &str| {
        Reply::json(
            400,
            &json!({ "error": { "message": "unsupported", "param": name, "code": "unsupported_parameter" } }),
        )
    };
    let server = ModelServer::with([refused("temperature"), refused("max_tokens"), Reply::answer("hello")]);
    complete(&server).unwrap();
    let requests = server.finish();
    assert!(requests[0].body.get("temperature").is_some() && requests[0].body.get("max_tokens").is_some());
    assert!(requests[1].body.get("temperature").is_none() && requests[1].body.get("max_tokens").is_some());
    assert_eq!(requests[2].body["max_completion_tokens"], 100);
    let stubborn = ModelServer::with([refused("temperature"), refused("temperature")]);
    assert_eq!(complete(&stubborn).unwrap_err().kind, "400");
    stubborn.finish();
}

#[test]
fn a_server_that_cannot_stream_is_understood() {
    let body = |text: &str| {
        let message = json!({ "role": "assistant", "content": text });
        Reply::json(
            200,
            &json!({ "id": "1", "model": "double", "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }], "usage": { "prompt_tokens": 5, "completion_tokens": 3 } }),
        )
    };
    let repository = tally::repository(CONFIG);
    let server = ModelServer::with([body(&tally::code()), body(&tally::tests())]);
    let ran = run(&repository, &server, &["generate", "--format", "ndjson"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    let done = ran.events().pop().unwrap();
    assert_eq!((done["usage"]["input"].as_u64(), done["usage"]["output"].as_u64()), (Some(10), Some(6)));
}

const SCHEMA: &str = "model: { name: double, answers: schema }\ngates: { test_runs: 1 }\n";

fn files(entries: &[(&str, &str)]) -> String {
    let files: Vec<Value> = entries.iter().map(|(path, content)| json!({ "path": path, "content": content })).collect();
    json!({ "files": files }).to_string()
}

#[test]
fn structured_answers_are_held_to_the_schema_and_asked_for_again_with_what_is_wrong() {
    let repository = tally::repository(SCHEMA);
    let server = ModelServer::with([
        Reply::answer(&json!({ "files": [{ "content": CODE }] }).to_string()),
        Reply::answer(&files(&[(FILES[0], CODE)])),
        Reply::answer(&files(&[(FILES[1], TESTS)])),
    ]);
    run(&repository, &server, &["generate"]).expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    let requests = server.finish();
    for request in &requests {
        let format = &request.body["response_format"];
        assert_eq!(format["type"], "json_schema");
        assert_eq!(format["json_schema"]["strict"], true);
        let schema = &format["json_schema"]["schema"];
        assert!(jsonschema::is_valid(schema, &json!({ "files": [{ "path": "a", "content": "b" }] })), "{schema}");
        assert!(!jsonschema::is_valid(schema, &json!({ "files": [{ "content": "b" }] })), "{schema}");
    }
    assert!(requests[1].question().contains("missing field `path`"), "{}", requests[1].question());
}

#[test]
fn the_third_answer_outside_of_the_schema_is_the_last() {
    let repository = tally::repository(SCHEMA);
    let before = repository.fingerprint();
    let ran = generate(
        &repository,
        [
            Reply::answer(&json!({ "files": [{ "content": CODE }] }).to_string()),
            Reply::answer(&json!({ "files": [] }).to_string()),
            Reply::answer(&json!({ "files": [{ "path": "tally.py", "content": CODE, "mode": "755" }] }).to_string()),
        ],
    )
    .expect(4);
    assert!(spec_done(&ran)["reason"].as_str().unwrap().contains("unknown field `mode`"), "{}", ran.stdout);
    assert_eq!(repository.fingerprint(), before);
}

#[test]
fn a_server_is_tried_once_for_the_schema_and_fenced_answers_are_the_fallback() {
    let config = "model: { name: double }\ngates: { test_runs: 1 }\n";
    let honoured = Reply::answer(&files(&[("a.txt", "a")]));
    let schema = [Reply::answer(&files(&[(FILES[0], CODE)])), Reply::answer(&files(&[(FILES[1], TESTS)]))];
    let fenced = [Reply::answer(&tally::code()), Reply::answer(&tally::tests())];
    for (probe, answers, format) in [
        (honoured, schema, true),
        (Reply::answer("Sure: a.txt has an a."), fenced.clone(), false),
        (Reply::error(400, "invalid_request_error", "response_format is not supported"), fenced, false),
    ] {
        let repository = tally::repository(config);
        let server = ModelServer::with([vec![probe], answers.to_vec()].concat());
        run(&repository, &server, &["generate"]).expect(0);
        for answer in &answers {
            server.expect(answer.clone());
        }
        repository.commit("generated");
        // The second run knows, and does not ask; its answers have another temperature and are not in the cache.
        repository.write(".codegen/config.yaml", &config.replace("double", "double, temperature: 0.9"));
        run(&repository, &server, &["generate", "--force"]).expect(0);
        let requests = server.finish();
        assert!(requests[0].body.get("response_format").is_some());
        assert!(requests[1..].iter().all(|request| request.body.get("response_format").is_some() == format));
        assert_eq!(requests.len(), 5);
    }
}

#[test]
fn an_answer_that_was_paid_for_is_not_paid_for_again() {
    let repository = tally::repository(CONFIG);
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::tests())]);
    let first = run(&repository, &server, &["generate", "--dry-run"]).expect(0);
    assert_eq!(server.requests().len(), 2);
    let second = run(&repository, &server, &["generate", "--dry-run"]).expect(0);
    assert_eq!(server.requests().len(), 2, "the second run asked again");
    assert_eq!(first.stdout, second.stdout);
    assert!(first.stdout.contains("+class Tally:"), "{}", first.stdout);
    let told = run(&repository, &server, &["generate", "--dry-run", "--format", "ndjson"]).expect(0);
    let done = told.events().pop().unwrap();
    assert_eq!((done["usage"]["input"].as_u64(), done["usage"]["output"].as_u64()), (Some(0), Some(0)));
    // A changed request, and a request not to remember, do ask.
    for arguments in [["--model", "other"].as_slice(), &["--no-cache"]] {
        server.expect(Reply::answer(&tally::code()));
        server.expect(Reply::answer(&tally::tests()));
        run(&repository, &server, &[&["generate", "--dry-run"], arguments].concat()).expect(0);
    }
    assert_eq!(server.finish().len(), 6);
}

#[test]
fn an_answer_that_was_not_whole_is_not_kept() {
    let repository = tally::repository(ONE_ATTEMPT);
    let whole = tally::code();
    for script in [
        vec![Reply::stream().piece(&whole).finish("length").done()],
        vec![Reply::stream().piece(&whole).finish("content_filter").done()],
        vec![Reply::answer(&whole), Reply::answer(&tally::tests())],
    ] {
        let (server, code) = (ModelServer::with(script.clone()), if script.len() == 1 { 4 } else { 0 });
        run(&repository, &server, &["generate", "--dry-run"]).expect(code);
        server.finish();
    }
}

#[test]
fn an_answer_that_went_round_in_circles_is_kept_and_recorded_as_it_was_ended() {
    let repository = tally::repository(&format!("{SMALL}limits: {{ attempts: 1 }}\n"));
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&fenced(FILES[1], &endless()))]);
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("small-3b");
    let arguments = ["generate", "--dry-run", "--record", folder.to_str().unwrap()];
    let first = run(&repository, &server, &arguments).expect(0);
    let again = run(&repository, &server, &["generate", "--dry-run"]).expect(0);
    assert_eq!(first.stdout, again.stdout);
    assert_eq!(server.finish().len(), 2, "the second run asked again");
    let model = format!("replay:{}", folder.display());
    let played = repository.run(&["generate", "--dry-run", "--model", &model]).expect(0);
    assert!(played.stdout.contains("+class TallyTest"), "{}", played.stdout);
    assert!(played.stderr.contains("the tests in it that are whole are kept"), "{}", played.stderr);
}

#[test]
fn recorded_answers_need_no_key_and_no_network() {
    let isolated = |program: &Command| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--net", "--"]).arg(program.get_program()).env_clear();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(program.get_current_dir().unwrap());
        command
    };
    let probe = Command::new("unshare").args(["--user", "--map-root-user", "--net", "--", "true"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED recorded_answers_need_no_key_and_no_network: `unshare --net` does not work here");
        return;
    }
    let answers = tempfile::tempdir().unwrap();
    std::fs::write(answers.path().join("tally.code.1.md"), tally::code()).unwrap();
    std::fs::write(answers.path().join("tally.tests.1.md"), tally::tests()).unwrap();
    let repository = tally::repository(CONFIG);
    // The control: without a network the model cannot be reached.
    let server = ModelServer::with([]);
    let mut program = repository.program();
    server.point(&mut program);
    let cut_off: Ran = isolated(&program).args(["generate", "--no-cache"]).output().unwrap().into();
    cut_off.expect(4);
    server.finish();
    let model = format!("replay:{}", answers.path().display());
    let replayed: Ran = isolated(&repository.program()).args(["generate", "--model", &model]).output().unwrap().into();
    replayed.expect(0);
    assert_eq!(repository.read(FILES[0]).as_deref(), Some(CODE));
    assert_eq!(repository.read(FILES[1]).as_deref(), Some(TESTS));
}

#[test]
fn a_recording_that_is_missing_is_said_and_nothing_is_made_up() {
    let answers = tempfile::tempdir().unwrap();
    std::fs::write(answers.path().join("tally.code.1.md"), tally::code()).unwrap();
    let repository = tally::repository(CONFIG);
    let before = repository.fingerprint();
    let ran = repository.run(&["generate", "--model", &format!("replay:{}", answers.path().display())]).expect(4);
    assert!(ran.stderr.contains("tally.tests.1.md"), "{}", ran.stderr);
    assert_eq!(repository.fingerprint(), before);
}

#[test]
fn recorded_answers_play_back_to_the_same_files() {
    let repository = tally::repository(CONFIG);
    let answers = tempfile::tempdir().unwrap();
    let folder = answers.path().display().to_string();
    let server = ModelServer::with([Reply::answer(&tally::code()), Reply::answer(&tally::tests())]);
    run(&repository, &server, &["generate", "--record", &folder]).expect(0);
    server.finish();
    let other = tally::repository(CONFIG);
    other.run(&["generate", "--model", &format!("replay:{folder}")]).expect(0);
    for file in FILES {
        assert_eq!(repository.read(file), other.read(file));
    }
}

#[test]
fn a_budget_that_the_next_call_could_break_ends_the_run_before_the_call() {
    for limit in ["tokens: 100", "cost: 0.000001"] {
        let config = format!(
            "model: {{ name: double, answers: fenced, price: {{ input: 1, output: 2 }} }}\nlimits: {{ {limit} }}\n"
        );
        let repository = tally::repository(&config);
        let before = repository.fingerprint();
        let ran = generate(&repository, []);
        assert_eq!(ran.code, 7, "{limit}: {}\n{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("the budget of"), "{}", ran.stderr);
        assert_eq!(repository.fingerprint(), before);
    }
}

#[test]
fn what_was_spent_counts_against_the_budget_of_the_next_call() {
    // Room for the first call, whose true usage then leaves none for the second.
    let config = "model: { name: double, answers: fenced, max_output_tokens: 500 }\nlimits: { tokens: 20000 }\n";
    let repository = tally::repository(config);
    let before = repository.fingerprint();
    let greedy = Reply::stream().piece(&tally::code()).finish("stop").usage(19_000, 900, 0).done();
    generate(&repository, [greedy]).expect(7);
    assert_eq!(repository.fingerprint(), before);
    generate(&repository, [Reply::answer(&tally::code()), Reply::answer(&tally::tests())]).expect(0);
}

#[test]
fn specs_side_by_side_cannot_overshoot_the_budget_together() {
    // Room for one call at a time, and what it takes leaves none for another.
    let config =
        "model: { name: double, answers: fenced, max_output_tokens: 1500 }\nlimits: { tokens: 3000, parallel: 8 }\n";
    let spec = |number: u32| {
        format!(
            "name: Tally{number}\ndescription: Counts.\npattern: repository\nfiles: {{ code: t{number}.py, tests: test_t{number}.py }}\n"
        )
    };
    let specs: Vec<(String, String)> =
        (1..=7).map(|number| (format!(".codegen/specs/t{number}.yaml"), spec(number))).collect();
    let more: Vec<(&str, &str)> = specs.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let repository = tally::repository_with(config, &more);
    let before = repository.fingerprint();
    let ran = generate(&repository, [Reply::stream().piece("No.").finish("stop").usage(2000, 900, 0).done()]).expect(7);
    let done = ran.events().pop().unwrap();
    assert_eq!((done["accepted"].as_u64(), done["failed"].as_u64()), (Some(0), Some(8)));
    assert_eq!((done["usage"]["input"].as_u64(), done["usage"]["output"].as_u64()), (Some(2000), Some(900)));
    assert_eq!(repository.fingerprint(), before);
}

#[test]
#[should_panic(expected = "requests that the script does not expect")]
fn the_double_fails_a_test_with_a_request_too_many() {
    let server = ModelServer::with([]);
    assert!(complete(&server).is_err());
}

#[test]
#[should_panic(expected = "replies that nobody asked for")]
fn the_double_fails_a_test_with_a_reply_too_many() {
    let server = ModelServer::with([Reply::answer("hello"), Reply::answer("hello")]);
    assert!(complete(&server).is_ok());
}
