//! One spec file to a [`Spec`], with every problem of the file.

use std::sync::Arc;

use super::{Files, GateSettings, Spec, SpecId};
use crate::diagnostic::{Diagnostic, SourceText, Spanned};
use crate::language::Language;
use crate::path::{PathProblem, RepoPath};
use crate::pattern::PatternRef;
use crate::protect::{Protection, protection};
use crate::yaml::{self, Decoder, Node};

/// The keys of a spec, as the schema and the errors name them.
pub(super) const KEYS: [&str; 11] =
    ["name", "description", "pattern", "language", "files", "context", "uses", "examples", "after", "rules", "gates"];

/// Parses the text of one spec file.
pub fn parse(id: SpecId, source: &Arc<SourceText>) -> Result<Spec, Vec<Diagnostic>> {
    let root = yaml::parse(source).map_err(|problem| vec![problem])?;
    let mut decoder = Decoder::new(source);
    let spec = decode(id, &root, &mut decoder);
    let problems = decoder.finish();
    match spec {
        Some(spec) if problems.is_empty() => Ok(spec),
        _ => Err(problems),
    }
}

fn decode(id: SpecId, root: &Node, decoder: &mut Decoder) -> Option<Spec> {
    let fields = decoder.map(root, "a spec", &KEYS)?;
    let name = decoder.required(&fields, "name").and_then(|node| decoder.text(node, "name"));
    let name = name.filter(|name| is_name(name, decoder));
    let description = decoder.required(&fields, "description").and_then(|node| decoder.text(node, "description"));
    let pattern = fields.optional("pattern").and_then(|node| {
        let text = decoder.text(node, "pattern")?;
        let parsed = PatternRef::parse(&text.value);
        if parsed.is_none() {
            decoder.wrong("wrong-pattern", "pattern must be a name, or name@version such as repository@1", &text.span);
        }
        Some(Spanned { value: parsed?, span: text.span })
    });
    let declared = fields.optional("language").and_then(|node| decoder.one_of(node, "language", &Language::choices()));
    let files = fields.optional("files").map_or_else(Files::default, |node| decode_files(node, decoder));
    let language =
        declared.or_else(|| files.code.first().and_then(|path| Language::from_extension(path.value.extension())));
    if let (Some(language), Some(declared)) = (declared, fields.optional("language")) {
        for path in files.code.iter().chain(&files.tests) {
            if Language::from_extension(path.value.extension()).is_some_and(|found| found != language) {
                let problem = Diagnostic::at(
                    "language-mismatch",
                    format!("`{}` is not a {} file", path.value, language.title()),
                    decoder.source(),
                    path.span.clone(),
                );
                let problem = problem.and("the language is given here", decoder.source(), declared.span.clone());
                decoder.report(problem);
            }
        }
    }
    let context = fields.optional("context").map_or_else(Vec::new, |node| decode_context(node, decoder));
    let uses = fields.optional("uses").map_or_else(Vec::new, |node| decode_paths(node, "uses", decoder));
    let examples = fields.optional("examples").map(|node| decode_paths(node, "examples", decoder));
    let after = fields.optional("after").map_or_else(Vec::new, |node| decoder.texts(node, "after"));
    let rules = fields.optional("rules").map_or_else(Vec::new, |node| decoder.texts(node, "rules"));
    let gates = fields.optional("gates").map_or_else(GateSettings::default, |node| decode_gates(node, decoder));
    Some(Spec {
        id,
        name: name?,
        description: description?.value.trim_end().to_owned(),
        pattern,
        language,
        files,
        context,
        uses,
        examples,
        after: after
            .into_iter()
            .map(|text| Spanned { value: SpecId::from_argument(&text.value), span: text.span })
            .collect(),
        rules: rules.into_iter().map(|rule| rule.value).collect(),
        gates,
        source: Arc::clone(decoder.source()),
    })
}

/// A name becomes type and file names, so it is letters, digits and separators, and starts with a letter.
fn is_name(name: &Spanned<String>, decoder: &mut Decoder) -> bool {
    let text = &name.value;
    let starts = text.starts_with(|first: char| first.is_ascii_alphabetic());
    let rest = text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | ' '));
    let valid = starts && rest && text.len() <= 80;
    if !valid {
        decoder.wrong(
            "wrong-name",
            "name must start with a letter, have only ASCII letters, digits, `_`, `-` and spaces, and at most 80 of them",
            &name.span,
        );
    }
    valid
}

fn decode_files(node: &Node, decoder: &mut Decoder) -> Files {
    let Some(fields) = decoder.map(node, "files", &["code", "tests"]) else { return Files::default() };
    let code =
        decoder.required(&fields, "code").map_or_else(Vec::new, |node| decode_paths(node, "files.code", decoder));
    let tests = fields.optional("tests").map_or_else(Vec::new, |node| decode_paths(node, "files.tests", decoder));
    for path in code.iter().chain(&tests) {
        if protection(&path.value) == Protection::Always {
            decoder.wrong(
                "protected-path",
                format!("`{}` is protected: the bot never writes there", path.value),
                &path.span,
            );
        }
    }
    Files { code, tests }
}

fn decode_paths(node: &Node, what: &str, decoder: &mut Decoder) -> Vec<Spanned<RepoPath>> {
    let mut paths = Vec::new();
    for text in decoder.text_or_list(node, what) {
        match RepoPath::parse(&text.value) {
            Ok(path) => paths.push(Spanned { value: path, span: text.span }),
            Err(problem) => decoder.wrong(path_code(problem), format!("`{}`: {problem}", text.value), &text.span),
        }
    }
    paths
}

fn path_code(problem: PathProblem) -> &'static str {
    match problem {
        PathProblem::Escapes | PathProblem::Absolute => "path-outside-repository",
        PathProblem::Empty | PathProblem::Unportable | PathProblem::TooLong => "wrong-path",
    }
}

fn decode_context(node: &Node, decoder: &mut Decoder) -> Vec<(String, String)> {
    let Some(fields) = decoder.open_map(node, "context") else { return Vec::new() };
    let mut context = Vec::new();
    for (name, value) in fields.entries() {
        if let Some(text) = decoder.text(value, &format!("context.{name}")) {
            context.push(((*name).to_owned(), text.value));
        }
    }
    context
}

/// Decodes thresholds; the configuration has the same.
pub(crate) fn decode_gates(node: &Node, decoder: &mut Decoder) -> GateSettings {
    let Some(fields) = decoder.map(node, "gates", &["coverage", "mutation", "test_runs"]) else {
        return GateSettings::default();
    };
    GateSettings {
        coverage: fields.optional("coverage").and_then(|node| decoder.number(node, "gates.coverage", 0, 100)),
        mutation: fields.optional("mutation").and_then(|node| decoder.number(node, "gates.mutation", 0, 100)),
        test_runs: fields.optional("test_runs").and_then(|node| decoder.number(node, "gates.test_runs", 1, 100)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<(&'static str, String)> {
        let source = SourceText::new(".codegen/specs/order.yaml", text);
        let id = SpecId::from_argument("order");
        parse(id, &source).err().unwrap_or_default().into_iter().map(|found| (found.code, found.place())).collect()
    }

    #[test]
    fn all_problems_of_a_file_come_at_once_with_their_places() {
        let text = "nmae: Order\ndescription: [a]\nlanguage: rsut\nfiles:\n  code: ../x.rs\n  tests: .github/x.rs\ngates: { coverage: 120 }\n";
        let place = |line: usize, column: usize| format!(".codegen/specs/order.yaml:{line}:{column}");
        assert_eq!(
            problems(text),
            [
                ("unknown-key", place(1, 1)),
                ("missing-key", place(1, 1)),
                ("wrong-type", place(2, 14)),
                ("unknown-value", place(3, 11)),
                ("path-outside-repository", place(5, 9)),
                ("protected-path", place(6, 10)),
                ("wrong-number", place(7, 20)),
            ]
        );
    }

    #[test]
    fn a_full_spec_is_read_whole() {
        let text = "name: Order\ndescription: |\n  Stores orders.\npattern: repository@1\nfiles: { code: src/o.rs, tests: [tests/o.rs] }\ncontext: { storage: in-memory, version: 1.10 }\nuses: [src/model.rs]\nexamples: []\nafter: [model]\nrules: [Never delete]\ngates: { test_runs: 2 }\n";
        let source = SourceText::new("x", text);
        let spec = parse(SpecId::from_argument("order"), &source).unwrap();
        assert_eq!(spec.language, Some(Language::Rust));
        assert_eq!(spec.context.last(), Some(&("version".to_owned(), "1.10".to_owned())));
        assert_eq!(spec.after.first().map(|id| id.value.as_str()), Some("model"));
        assert_eq!(spec.gates.test_runs, Some(2));
        assert_eq!(spec.description, "Stores orders.");
    }

    #[test]
    fn ids_come_from_paths() {
        for (path, id) in [
            (".codegen/specs/a/order.yaml", Some("a/order")),
            ("src/order.codegen.yaml", Some("src/order")),
            (".codegen/patterns/x.yaml", None),
            ("src/order.yaml", None),
        ] {
            let found = SpecId::of_file(&RepoPath::parse(path).unwrap());
            assert_eq!(found.as_ref().map(SpecId::as_str), id, "{path}");
        }
    }
}
