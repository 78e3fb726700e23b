//! One pattern file, with the example files it names, to a [`Pattern`].

use std::collections::BTreeMap;
use std::sync::Arc;

use semver::Version;

use super::{
    BadExample, Check, DefaultPaths, Example, Examples, Origin, Pattern, Rule, Severity, Templates, is_pattern_name,
};
use crate::diagnostic::{Diagnostic, SourceText, Spanned};
use crate::language::Language;
use crate::path::RepoPath;
use crate::spec::{self, SpecId};
use crate::yaml::{self, Decoder, Node, Value};

/// Reads an example file by its path relative to the pattern file.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The keys of a pattern file.
pub(super) const KEYS: [&str; 8] = ["name", "version", "summary", "match", "paths", "rules", "examples", "templates"];

/// Parses a pattern file. Examples are read through `read`; one that is not there is a problem at the place that names it.
pub fn parse(source: &Arc<SourceText>, origin: Origin, read: ReadFile<'_>) -> Result<Pattern, Vec<Diagnostic>> {
    let root = yaml::parse(source).map_err(|problem| vec![problem])?;
    let mut reader =
        Reader { decoder: Decoder::new(source), read, hasher: blake3::Hasher::new(), inner: Vec::new(), origin };
    reader.hasher.update(source.text.as_bytes());
    let pattern = reader.pattern(&root, origin);
    let mut problems = reader.decoder.finish();
    problems.append(&mut reader.inner);
    match pattern {
        Some(pattern) if problems.is_empty() => Ok(pattern),
        _ => Err(problems),
    }
}

struct Reader<'a> {
    decoder: Decoder,
    read: ReadFile<'a>,
    hasher: blake3::Hasher,
    /// Problems in specs of examples, which are files of their own.
    inner: Vec<Diagnostic>,
    origin: Origin,
}

impl Reader<'_> {
    fn pattern(&mut self, root: &Node, origin: Origin) -> Option<Pattern> {
        let fields = self.decoder.map(root, "a pattern", &KEYS)?;
        let name = self.decoder.required(&fields, "name").and_then(|node| self.decoder.text(node, "name"));
        if let Some(name) = name.as_ref().filter(|name| !is_pattern_name(&name.value)) {
            self.decoder.wrong("wrong-name", "a pattern's name has lower-case letters, digits and dashes", &name.span);
        }
        let version = self.decoder.required(&fields, "version").and_then(|node| self.version(node));
        let summary = self.decoder.required(&fields, "summary").and_then(|node| self.decoder.text(node, "summary"));
        let (words, globs) = fields.optional("match").map_or_else(Default::default, |node| self.matching(node));
        let paths = fields.optional("paths").map_or_else(BTreeMap::new, |node| self.paths(node));
        let rules = self.decoder.required(&fields, "rules").map_or_else(Vec::new, |node| self.rules(node));
        let examples = fields.optional("examples").map_or_else(BTreeMap::new, |node| self.examples(node, &rules));
        let templates = fields.optional("templates").map_or_else(Templates::default, |node| self.templates(node));
        Some(Pattern {
            name: name?.value,
            version: version?,
            summary: summary?.value.trim().to_owned(),
            words,
            globs,
            paths,
            rules,
            examples,
            templates,
            origin,
            source: Arc::clone(self.decoder.source()),
            digest: self.hasher.finalize().to_hex().to_string(),
        })
    }

    fn version(&mut self, node: &Node) -> Option<Version> {
        let text = self.decoder.text(node, "version")?;
        let version = Version::parse(&text.value);
        if let Err(error) = &version {
            self.decoder.wrong("wrong-version", format!("version must be a semantic version: {error}"), &text.span);
        }
        version.ok()
    }

    fn matching(&mut self, node: &Node) -> (Vec<String>, Vec<String>) {
        let Some(fields) = self.decoder.map(node, "match", &["words", "globs"]) else { return Default::default() };
        let words = fields.optional("words").map_or_else(Vec::new, |node| self.decoder.texts(node, "match.words"));
        let globs = fields.optional("globs").map_or_else(Vec::new, |node| self.decoder.texts(node, "match.globs"));
        for glob in &globs {
            if let Err(error) = globset::Glob::new(&glob.value) {
                self.decoder.wrong("wrong-glob", error.to_string(), &glob.span);
            }
        }
        let plain = |texts: Vec<Spanned<String>>| texts.into_iter().map(|text| text.value).collect();
        (plain(words), plain(globs))
    }

    /// The entries of a mapping from languages.
    fn per_language<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(Language, &'n Node)> {
        let known = Language::ALL.map(Language::id);
        let Some(fields) = self.decoder.map(node, what, &known) else { return Vec::new() };
        let entries = fields.entries().iter();
        entries
            .filter_map(|(name, node)| {
                Some((Language::ALL.into_iter().find(|language| language.id() == *name)?, *node))
            })
            .collect()
    }

    fn paths(&mut self, node: &Node) -> BTreeMap<Language, DefaultPaths> {
        let mut paths = BTreeMap::new();
        for (language, node) in self.per_language(node, "paths") {
            let Some(fields) = self.decoder.map(node, "default paths", &["code", "tests"]) else { continue };
            let code = self.decoder.required(&fields, "code").and_then(|node| self.path_template(node));
            let tests = self.decoder.required(&fields, "tests").and_then(|node| self.path_template(node));
            if let (Some(code), Some(tests)) = (code, tests) {
                paths.insert(language, DefaultPaths { code, tests });
            }
        }
        paths
    }

    fn path_template(&mut self, node: &Node) -> Option<String> {
        let text = self.decoder.text(node, "a default path")?;
        let filled = fill_path(&text.value, "Example", "src");
        if let Err(problem) = RepoPath::parse(&filled) {
            self.decoder.wrong("wrong-path", format!("`{}`: {problem}", text.value), &text.span);
            return None;
        }
        if filled.contains(['{', '}']) {
            let help = "placeholders: {snake} {kebab} {camel} {pascal} {flat} {source}";
            let message = format!("unknown placeholder in `{}`", text.value);
            let source = Arc::clone(self.decoder.source());
            self.decoder.report(Diagnostic::at("wrong-path", message, &source, text.span).help(help));
            return None;
        }
        Some(text.value)
    }

    fn rules(&mut self, node: &Node) -> Vec<Spanned<Rule>> {
        let mut rules: Vec<Spanned<Rule>> = Vec::new();
        for item in self.decoder.list(node, "rules").to_vec() {
            if let Some(rule) = self.rule(&item) {
                if rules.iter().any(|earlier| earlier.value.id == rule.id) {
                    self.decoder.wrong(
                        "duplicate-rule",
                        format!("the rule `{}` stands here twice", rule.id),
                        &item.span,
                    );
                }
                rules.push(Spanned { value: rule, span: item.span });
            }
        }
        rules
    }

    fn rule(&mut self, node: &Node) -> Option<Rule> {
        let fields = self.decoder.map(node, "a rule", &["id", "text", "severity", "check"])?;
        let id = self.decoder.required(&fields, "id").and_then(|node| self.decoder.text(node, "id"));
        let severities = [("error", Severity::Error), ("warn", Severity::Warn)];
        let severity = fields
            .optional("severity")
            .map_or(Some(Severity::Error), |node| self.decoder.one_of(node, "severity", &severities));
        let mut texts = BTreeMap::new();
        if let Some(node) = self.decoder.required(&fields, "text") {
            if matches!(node.value, Value::Map(_)) {
                for (language, node) in self.per_language(node, "text") {
                    if let Some(text) = self.decoder.text(node, "a rule's text") {
                        texts.insert(language, text.value.trim().to_owned());
                    }
                }
            } else if let Some(text) = self.decoder.text(node, "a rule's text") {
                texts.extend(Language::ALL.map(|language| (language, text.value.trim().to_owned())));
            }
        }
        let mut checks = BTreeMap::new();
        if let Some(node) = fields.optional("check") {
            for (language, node) in self.per_language(node, "check") {
                if let Some(check) = self.check(language, node) {
                    checks.insert(language, check);
                }
            }
        }
        Some(Rule { id: id?.value, severity: severity?, texts, checks })
    }

    fn check(&mut self, language: Language, node: &Node) -> Option<Check> {
        let fields = self.decoder.map(node, "a check", &["require", "forbid"])?;
        let mut check = Check::default();
        for (key, into) in [("require", &mut check.require), ("forbid", &mut check.forbid)] {
            let Some(node) = fields.optional(key) else { continue };
            let items = match &node.value {
                Value::List(items) => items.as_slice(),
                _ => std::slice::from_ref(node),
            };
            for item in items {
                let rule = item.to_json();
                // The built-in checks are known to compile: the tests judge code by every one of them.
                if self.origin == Origin::Repository
                    && let Err(problem) = super::check::compile(language, &rule)
                {
                    self.decoder.wrong("wrong-check", format!("not a syntax rule: {problem}"), &item.span);
                }
                into.push(rule);
            }
        }
        if check.require.is_empty() && check.forbid.is_empty() {
            self.decoder.wrong("empty-check", "a check needs `require` or `forbid`", &node.span);
        }
        Some(check)
    }

    fn examples(&mut self, node: &Node, rules: &[Spanned<Rule>]) -> BTreeMap<Language, Examples> {
        let mut examples = BTreeMap::new();
        for (language, node) in self.per_language(node, "examples") {
            let Some(fields) = self.decoder.map(node, "examples of a language", &["good", "bad"]) else { continue };
            let mut found = Examples::default();
            if let Some(node) = fields.optional("good") {
                let items = self.decoder.list(node, "good").to_vec();
                found.good = items.iter().filter_map(|item| self.good(language, item)).collect();
            }
            if let Some(node) = fields.optional("bad") {
                let items = self.decoder.list(node, "bad").to_vec();
                found.bad = items.iter().filter_map(|item| self.bad(item, rules)).collect();
            }
            examples.insert(language, found);
        }
        examples
    }

    fn good(&mut self, language: Language, node: &Node) -> Option<Example> {
        let fields = self.decoder.map(node, "a good example", &["spec", "code", "tests", "words"])?;
        let words = fields.optional("words").map_or_else(Vec::new, |node| self.decoder.texts(node, "words"));
        let words = words.into_iter().map(|word| word.value).collect();
        let spec = self.decoder.required(&fields, "spec").and_then(|node| self.file(node));
        let code = self.decoder.required(&fields, "code").and_then(|node| self.file(node));
        let tests = self.decoder.required(&fields, "tests").and_then(|node| self.file(node));
        let ((spec_path, spec), (code_path, code), (_, tests)) = (spec?, code?, tests?);
        let parsed = spec::parse(SpecId::from_argument("example"), &SourceText::new(spec_path, spec));
        match parsed {
            Ok(mut spec) => {
                spec.language = spec.language.or(Some(language));
                if spec.files.code.is_empty() || spec.files.tests.is_empty() {
                    self.decoder.wrong("example-files", "the spec of an example must name `files`", &node.span);
                    return None;
                }
                Some(Example { spec, code, tests, words, shown: code_path, of_pattern: true })
            }
            Err(mut problems) => {
                self.inner.append(&mut problems);
                None
            }
        }
    }

    fn bad(&mut self, node: &Node, rules: &[Spanned<Rule>]) -> Option<BadExample> {
        let fields = self.decoder.map(node, "a bad example", &["code", "breaks"])?;
        let code = self.decoder.required(&fields, "code").and_then(|node| self.file(node));
        let breaks = self.decoder.required(&fields, "breaks").and_then(|node| self.decoder.text(node, "breaks"));
        let breaks = breaks?;
        if !rules.iter().any(|rule| rule.value.id == breaks.value) {
            self.decoder.wrong("unknown-rule", format!("there is no rule `{}`", breaks.value), &breaks.span);
        }
        let (shown, code) = code?;
        Some(BadExample { code, breaks: breaks.value, shown })
    }

    /// Reads a file that the pattern names, relative to its own folder.
    fn file(&mut self, node: &Node) -> Option<(String, String)> {
        let text = self.decoder.text(node, "a path")?;
        let path = match RepoPath::parse(&text.value) {
            Ok(path) => path,
            Err(problem) => {
                self.decoder.wrong("wrong-path", format!("`{}`: {problem}", text.value), &text.span);
                return None;
            }
        };
        let Some(content) = (self.read)(path.as_str()) else {
            self.decoder.wrong("missing-file", format!("`{path}` is not there, or is not UTF-8 text"), &text.span);
            return None;
        };
        self.hasher.update(path.as_str().as_bytes());
        self.hasher.update(content.as_bytes());
        Some((path.to_string(), content))
    }

    fn templates(&mut self, node: &Node) -> Templates {
        let Some(fields) = self.decoder.map(node, "templates", &["system", "code", "tests"]) else {
            return Templates::default();
        };
        let mut take = |key: &str| {
            let text = fields.optional(key).and_then(|node| self.decoder.text(node, key))?;
            if let Err(problem) = crate::prompt::check_template(&text.value) {
                self.decoder.wrong("wrong-template", problem, &text.span);
            }
            Some(text.value)
        };
        Templates { system: take("system"), code: take("code"), tests: take("tests") }
    }
}

/// Fills the placeholders of a default path.
pub(crate) fn fill_path(template: &str, name: &str, source: &str) -> String {
    template
        .replace("{snake}", &crate::name::snake(name))
        .replace("{kebab}", &crate::name::kebab(name))
        .replace("{camel}", &crate::name::camel(name))
        .replace("{pascal}", &crate::name::pascal(name))
        .replace("{flat}", &crate::name::flat(name))
        .replace("{source}", source)
}
