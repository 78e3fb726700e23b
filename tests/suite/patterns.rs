//! Patterns: the library, versions, a repository's own ones, the choice of one, and the proof of examples.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use codegen::diagnostic::SourceText;
use codegen::language::Language;
use codegen::pattern::Library;
use codegen::pattern::check::{Status, judge};
use codegen::pattern::select::select;
use codegen::spec::{self, SpecId};
use serde_json::Value;

use super::support::greeter::{Answers, GOOD_CODE, GOOD_TESTS, PATTERN, SPEC, events, generate, greeter, model_calls};
use super::support::repository::{TestRepository, installed, skipped};

const LANGUAGES: [&str; 5] = ["rust", "go", "python", "typescript", "java"];

fn json(repository: &TestRepository, arguments: &[&str]) -> Value {
    serde_json::from_str(&repository.run(arguments).expect(0).stdout).unwrap()
}

fn named<'v>(patterns: &'v Value, name: &str) -> &'v Value {
    patterns.as_array().unwrap().iter().find(|pattern| pattern["name"] == name).unwrap()
}

fn built_in() -> Library {
    let (library, problems) = Library::new(Vec::new());
    assert_eq!(problems, Vec::new());
    library
}

#[test]
fn four_patterns_are_built_in_with_rules_and_examples_in_every_language() {
    let patterns = json(&greeter(&[]), &["patterns", "--format", "json"]);
    for name in ["repository", "factory", "handler", "dto"] {
        let pattern = named(&patterns, name);
        assert_eq!(pattern["source"], "built-in");
        for language in LANGUAGES {
            let rules = pattern["rules"].as_array().unwrap();
            let own: Vec<&Value> = rules.iter().filter(|rule| rule["text"].get(language).is_some()).collect();
            assert!(!own.is_empty(), "{name} has no rule in {language}");
            let checked = |rule: &&&Value| rule["checked"].as_array().unwrap().contains(&Value::from(language));
            assert!(own.iter().filter(checked).count() >= 4, "{name} checks less than four rules in {language}");
            for kind in ["good", "bad"] {
                let count = pattern["examples"][language][kind].as_u64();
                assert!(count >= Some(1), "{name} has no {kind} example in {language}");
            }
        }
    }
}

#[test]
fn the_eight_rules_that_the_library_began_with_are_there_word_for_word() {
    let patterns = json(&greeter(&[]), &["patterns", "--json"]);
    for (name, wanted) in [
        (
            "repository",
            [
                "Use context.Context as first parameter",
                "Return typed errors",
                "Implement CRUD operations",
                "Use transactions where appropriate",
            ],
        ),
        (
            "factory",
            [
                "Use functional options pattern",
                "Return interface, not concrete type",
                "Validate configuration",
                "Handle errors explicitly",
            ],
        ),
    ] {
        let rules = named(&patterns, name)["rules"].as_array().unwrap();
        let texts: Vec<&str> = rules.iter().filter_map(|rule| rule["text"]["go"].as_str()).collect();
        for text in wanted {
            assert!(texts.contains(&text), "{name} does not say: {text}\n{texts:?}");
        }
    }
}

#[test]
fn versions_are_compared_as_versions_and_a_reference_pins_one() {
    let version = |version: &str| PATTERN.replace("name: plain", "name: repository").replace("1.0.0", version);
    let pinned = SPEC.replace("pattern: plain", "pattern: repository@1.2.0");
    let repository = greeter(&[
        (".codegen/patterns/r9.yaml", &version("9.0.0")),
        (".codegen/patterns/r10.yaml", &version("10.0.0")),
        (".codegen/patterns/r1-2.yaml", &version("1.2.0")),
        (".codegen/patterns/r1-3.yaml", &version("1.3.0")),
        (".codegen/specs/greeter.yaml", &pinned),
        (".codegen/specs/latest.yaml", &pinned.replace("@1.2.0", "").replace("greeter.py", "latest.py")),
        (".codegen/specs/one.yaml", &pinned.replace("@1.2.0", "@1").replace("greeter.py", "one.py")),
    ]);
    let patterns = json(&repository, &["patterns", "--json"]);
    let found = named(&patterns, "repository");
    assert_eq!(found["latest"], "10.0.0");
    assert_eq!(found["versions"], serde_json::json!(["1.2.0", "1.3.0", "9.0.0", "10.0.0"]));
    for (spec, version) in [("greeter", "1.2.0"), ("latest", "10.0.0"), ("one", "1.3.0")] {
        assert_eq!(json(&repository, &["select", spec, "--json"])["version"], version, "{spec}");
    }
}

#[test]
fn a_pattern_of_the_repository_hides_the_built_in_one_and_says_so() {
    let own = PATTERN.replace("name: plain", "name: dto").replace("A plain function", "Our own DTO");
    let repository = greeter(&[(".codegen/patterns/ours.yaml", &own)]);
    let patterns = json(&repository, &["patterns", "--json"]);
    let found = named(&patterns, "dto");
    assert_eq!(
        (found["source"].as_str(), found["file"].as_str()),
        (Some("repository"), Some(".codegen/patterns/ours.yaml"))
    );
    assert_eq!(found["summary"], "Our own DTO with types.");
    assert_eq!(found["versions"], serde_json::json!(["1.0.0"]));
    assert_eq!(named(&patterns, "repository")["source"], "built-in");
    let table = repository.run(&["patterns"]).expect(0).stdout;
    assert!(table.lines().any(|line| line.starts_with("dto@1.0.0") && line.contains(" repository ")), "{table}");
}

#[test]
fn a_rule_of_one_language_does_not_apply_to_another() {
    let library = built_in();
    let repository = library.latest().into_iter().find(|pattern| pattern.name == "repository").unwrap();
    let status = |language, code: &str| {
        let results = judge(repository, language, code);
        results.into_iter().find(|result| result.rule == "context-first").unwrap().status
    };
    assert_eq!(status(Language::Rust, "fn a() {}\n"), Status::NotApplicable);
    assert!(matches!(status(Language::Go, "package a\n"), Status::Failed { .. }));
    // What does not apply is not asked for, either.
    let asks = |language: &str| {
        let repository = TestRepository::sample(language);
        repository.run(&["prompt", "order-repository"]).expect(0).stdout.contains("context.Context as first")
    };
    assert!(asks("go"));
    assert!(!asks("rust"));
}

#[test]
fn a_pattern_that_the_spec_names_wins_over_every_word() {
    let spec =
        SPEC.replace("Greets people by name.", "A repository that stores and persists DTOs behind an HTTP handler.");
    let repository = greeter(&[(".codegen/specs/greeter.yaml", &spec)]);
    let selected = json(&repository, &["select", "greeter", "--json"]);
    assert_eq!((selected["pattern"].as_str(), selected["reason"].as_str()), (Some("plain"), Some("explicit")));
    let unsaid = spec
        .replace("pattern: plain\n", "")
        .replace("stores and persists DTOs behind an HTTP handler", "stores greetings");
    let repository = greeter(&[(".codegen/specs/greeter.yaml", &unsaid)]);
    let selected = json(&repository, &["select", "greeter", "--json"]);
    assert_eq!(selected["pattern"], "repository");
    assert!(selected["reason"].as_str().unwrap().contains("“repository” in the first sentence"), "{selected}");
}

#[test]
fn an_unknown_pattern_stops_the_run_before_any_model_is_asked() {
    let repository = greeter(&[(".codegen/specs/greeter.yaml", &SPEC.replace("plain", "plian"))]);
    let ran = generate(&repository, &Answers::good(), &[]).expect(2);
    assert!(
        ran.stderr.contains("unknown pattern: plian") && ran.stderr.contains("did you mean `plain`?"),
        "{}",
        ran.stderr
    );
    assert_eq!(model_calls(&ran), 0);
    assert_eq!(events(&ran, "done")[0]["exit_code"], 2);
    let shown = repository.run(&["patterns", "show", "repositry"]);
    assert!(shown.stderr.contains("unknown pattern: repositry"), "{}", shown.stderr);
}

/// One row of the table of choices.
struct Choice {
    name: String,
    pattern: String,
    spec: String,
}

fn choices() -> Vec<Choice> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/selection.yaml");
    let text = fs::read_to_string(file).unwrap();
    let rows: Vec<BTreeMap<String, String>> = yaml_rows(&text);
    let rows = rows.into_iter().map(|row| {
        let mut spec = format!("name: {}\nlanguage: python\ndescription: |\n", row["name"]);
        if let Some(file) = row.get("file") {
            let extension = file.rsplit('.').next().unwrap();
            let language = match extension {
                "rs" => "rust",
                "go" => "go",
                "ts" => "typescript",
                _ => "python",
            };
            spec = spec.replace("python", language);
        }
        for line in row["description"].lines() {
            let _ = writeln!(spec, "  {line}");
        }
        if let Some(file) = row.get("file") {
            let _ = writeln!(spec, "files: {{ code: {file} }}");
        }
        Choice { name: row["name"].clone(), pattern: row["pattern"].clone(), spec }
    });
    rows.collect()
}

/// A list of mappings from texts to texts.
fn yaml_rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let root = codegen::yaml::parse(&SourceText::new("selection.yaml", text)).unwrap();
    let Value::Array(rows) = root.to_json() else { panic!("no list") };
    let rows = rows.into_iter().map(|row| {
        let Value::Object(fields) = row else { panic!("no mapping") };
        fields.into_iter().map(|(key, value)| (key, value.as_str().unwrap().to_owned())).collect()
    });
    rows.collect()
}

#[test]
fn patterns_are_chosen_as_people_would_in_at_least_eighteen_of_twenty_cases() {
    let library = built_in();
    let choices = choices();
    assert_eq!(choices.len(), 20);
    let mut wrong = Vec::new();
    for choice in &choices {
        let source = SourceText::new(format!("{}.yaml", choice.name), choice.spec.clone());
        let spec = spec::parse(SpecId::from_argument(&choice.name), &source).unwrap();
        let found = match select(&spec, &library) {
            Ok(selection) => selection.pattern().name.clone(),
            Err(problem) => format!("{}: {}", problem.message, problem.help.join("; ")),
        };
        if found != choice.pattern {
            wrong.push(format!("{}: {} is right, not {found}", choice.name, choice.pattern));
        }
    }
    assert!(wrong.len() <= 2, "{}", wrong.join("\n"));
}

#[test]
fn the_same_choices_are_made_in_every_process() {
    let library = built_in();
    let mut files = Vec::new();
    for choice in choices() {
        let source = SourceText::new("x", choice.spec.clone());
        let spec = spec::parse(SpecId::from_argument(&choice.name), &source).unwrap();
        if select(&spec, &library).is_ok() {
            files.push((format!(".codegen/specs/{}.yaml", choice.name.to_lowercase()), choice.spec));
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let repository = TestRepository::with(&files);
    let first = repository.run(&["list", "--json"]).expect(0).stdout;
    assert!(first.matches("\"pattern\"").count() >= 18, "{first}");
    for _ in 0..4 {
        assert_eq!(repository.run(&["list", "--json"]).expect(0).stdout, first);
    }
}

#[test]
fn a_tie_is_an_error_with_the_candidates_and_their_scores() {
    let spec = "name: Thing\nlanguage: python\ndescription: An HTTP endpoint that stores and persists things.\n";
    let repository = greeter(&[(".codegen/specs/thing.yaml", spec)]);
    let ran = generate(&repository, &Answers::none(), &[]).expect(2);
    assert_eq!(model_calls(&ran), 0);
    assert!(ran.stderr.contains("more than one pattern fits this spec"), "{}", ran.stderr);
    assert!(ran.stderr.contains(".codegen/specs/thing.yaml:1:7"), "{}", ran.stderr);
    let line = ran.stderr.lines().find(|line| line.contains("candidates with their scores")).unwrap();
    assert!(line.contains("handler (") && line.contains("repository ("), "{line}");
    let none = greeter(&[(".codegen/specs/thing.yaml", "name: Thing\nlanguage: python\ndescription: Does things.\n")]);
    let ran = none.run(&["check"]).expect(2);
    assert!(ran.stderr.contains("no pattern fits this spec"), "{}", ran.stderr);
}

/// The plain pattern with a good and a bad example, and what its files hold.
fn with_examples(good: &str, tests: &str, bad: &str) -> TestRepository {
    let pattern = format!(
        "{PATTERN}examples:\n  python:\n    good: [{{ spec: plain/spec.yaml, code: plain/good.py, tests: plain/test_good.py }}]\n    bad: [{{ code: plain/bad.py, breaks: return-types }}]\n"
    );
    greeter(&[
        (".codegen/patterns/plain.yaml", &pattern),
        (".codegen/patterns/plain/spec.yaml", SPEC),
        (".codegen/patterns/plain/good.py", good),
        (".codegen/patterns/plain/test_good.py", tests),
        (".codegen/patterns/plain/bad.py", bad),
    ])
}

const BAD: &str = "def greet(name: str):\n    return name\n";

#[test]
fn examples_that_are_what_they_claim_are_proven() {
    if !installed("python3", &["-m", "pytest", "--version"]) {
        return skipped("the proof of examples in Python", "pytest");
    }
    let ran = with_examples(GOOD_CODE, GOOD_TESTS, BAD).run(&["patterns", "test", "plain"]).expect(0);
    for check in ["keeps the rules: ok", "has good tests: ok", "builds and passes: ok", "breaks return-types: ok"] {
        assert!(ran.stdout.contains(check), "{check}\n{}", ran.stdout);
    }
    assert!(ran.stderr.contains("4 passed, 0 failed, 0 unproven"), "{}", ran.stderr);
}

#[test]
fn a_corrupt_example_of_any_kind_ends_the_proof_with_three() {
    if !installed("python3", &["-m", "pytest", "--version"]) {
        return skipped("the proof of examples in Python", "pytest");
    }
    let untyped = GOOD_CODE.replace(" -> str", "");
    let wrong = GOOD_CODE.replace("Hello", "Goodbye");
    let vacuous = GOOD_TESTS.replace("self.assertEqual(greet(\"Ada\"), \"Hello, Ada!\")", "greet(\"Ada\")");
    for (good, tests, bad, said) in [
        (GOOD_CODE, GOOD_TESTS, GOOD_CODE, "breaks return-types: failed"),
        (untyped.as_str(), GOOD_TESTS, BAD, "keeps the rules: failed"),
        (wrong.as_str(), GOOD_TESTS, BAD, "builds and passes: failed"),
        (GOOD_CODE, vacuous.as_str(), BAD, "has good tests: failed"),
    ] {
        let ran = with_examples(good, tests, bad).run(&["patterns", "test", "plain"]).expect(3);
        assert!(ran.stdout.contains(said), "{said}\n{}", ran.stdout);
        assert_eq!(ran.stdout.matches(": failed").count(), 1, "{}", ran.stdout);
    }
}

#[test]
fn an_example_that_is_not_there_and_a_check_that_is_no_rule_are_refused_at_their_place() {
    for (part, said) in [
        (
            "examples: { python: { bad: [{ code: plain/none.py, breaks: return-types }] } }\n",
            "`plain/none.py` is not there",
        ),
        ("examples: { python: { bad: [{ code: plain.yaml, breaks: nothing }] } }\n", "there is no rule `nothing`"),
        ("templates: { code: \"{{ nonsense }}\" }\n", "unknown variables: nonsense"),
        ("paths: { python: { code: \"{wrong}.py\", tests: t.py } }\n", "unknown placeholder"),
        ("match: { globs: [\"[\"] }\n", ".codegen/patterns/plain.yaml:10:"),
    ] {
        let repository = greeter(&[(".codegen/patterns/plain.yaml", &format!("{PATTERN}{part}"))]);
        let ran = repository.run(&["patterns"]).expect(2);
        assert!(
            ran.stderr.contains(said) && ran.stderr.contains(".codegen/patterns/plain.yaml:"),
            "{said}\n{}",
            ran.stderr
        );
    }
    let wrong = PATTERN.replace("kind: function_definition", "kind: no_such_thing");
    let ran = greeter(&[(".codegen/patterns/plain.yaml", &wrong)]).run(&["patterns"]).expect(2);
    assert!(ran.stderr.contains("not a syntax rule"), "{}", ran.stderr);
}

#[test]
fn the_examples_of_the_library_are_what_they_claim() {
    for (language, tool, arguments) in [
        ("python", "python3", ["-m", "pytest", "--version"].as_slice()),
        ("go", "go", &["version"]),
        ("java", "mvn", &["--version"]),
    ] {
        if !installed(tool, arguments) {
            skipped(&format!("the examples of the library in {language}"), tool);
            continue;
        }
        let ran = greeter(&[])
            .run(&["patterns", "test", "repository", "factory", "handler", "dto", "--language", language])
            .expect(0);
        assert!(ran.stderr.contains("25 passed, 0 failed, 0 unproven"), "{}\n{}", ran.stdout, ran.stderr);
    }
    // Their examples need packages that no repository here has fetched.
    for language in ["rust", "typescript"] {
        skipped(
            &format!("the examples of the library in {language} (`codegen patterns test` proves them)"),
            "a network",
        );
    }
}
