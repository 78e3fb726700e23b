//! The arrows between rooms, as `src/lib.rs` says them, read from the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a room may name beside itself.
fn may_name(from: &str, to: &str) -> bool {
    match (level(from), level(to)) {
        _ if from == to => true,
        (Level::Cli, _) => true,
        // The application and the adapters know the ports between them, and not each other.
        (Level::App | Level::Adapter, to) => matches!(to, Level::Port | Level::Domain | Level::Base),
        (Level::Port, to) => matches!(to, Level::Domain | Level::Base),
        (Level::Domain, to) => matches!(to, Level::Domain | Level::Base),
        (Level::Base, to) => to == Level::Base,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Cli,
    App,
    Adapter,
    Port,
    Domain,
    /// What the rest of the domain stands on.
    Base,
}

fn level(room: &str) -> Level {
    match room {
        "cli" => Level::Cli,
        "app" => Level::App,
        "adapter" => Level::Adapter,
        "port" => Level::Port,
        "call" | "diagnostic" | "name" | "path" | "protect" | "relevance" | "rounds" | "text" | "yaml" => Level::Base,
        _ => Level::Domain,
    }
}

/// A source file: the modules it stands in, the room first, and its text without comments and tests.
struct Source {
    shown: String,
    modules: Vec<String>,
    code: String,
}

impl Source {
    fn room(&self) -> &str {
        &self.modules[0]
    }

    fn new(path: &str, text: &str) -> Self {
        let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
        let modules = inside.trim_end_matches("/mod").split('/').map(str::to_owned).collect();
        Self { shown: path.to_owned(), modules, code: without_comments_and_tests(text) }
    }

    /// The rooms that the file names, by `crate::…` or by `super::…` that climbs to the top.
    fn names(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (at, _) in self.code.match_indices("crate::") {
            if self.code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
                continue;
            }
            found.extend(heads(&self.code[at + "crate::".len()..]));
        }
        let to_the_top = "super::".repeat(self.modules.len());
        for (at, _) in self.code.match_indices(&to_the_top) {
            found.extend(heads(&self.code[at + to_the_top.len()..]));
        }
        found.remove("super");
        found
    }

    fn arrows_up(&self) -> Vec<String> {
        let up = self.names().into_iter().filter(|to| !may_name(self.room(), to));
        up.map(|to| format!("{} names {to}", self.shown)).collect()
    }
}

/// The first words of a path, or of every path of a group.
fn heads(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
    };
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut depth, mut heads, mut start) = (0, Vec::new(), 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                heads.push(word(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(word(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

/// Takes line comments away, and everything from the module of tests on, which is the last of a file.
fn without_comments_and_tests(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = text.lines().map(|line| match line.trim_start() {
        comment if comment.starts_with("//") => "",
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    gather(&root.join("src"), &mut found);
    found.sort();
    let sources = found.iter().map(|file| {
        let shown = file.strip_prefix(root).unwrap().to_str().unwrap();
        Source::new(shown, &fs::read_to_string(file).unwrap())
    });
    sources.filter(|source| !matches!(source.room(), "lib" | "main")).collect()
}

fn gather(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            gather(&entry.path(), found);
        } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
            found.push(entry.path());
        }
    }
}

/// Each word of `signs` that stands in the code of a source that `in_question` picks.
fn uses(sources: &[Source], signs: &[&str], in_question: impl Fn(&Source) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| in_question(source)) {
        for (number, line) in source.code.lines().enumerate() {
            for sign in signs.iter().filter(|sign| line.contains(**sign)) {
                found.push(format!("{}:{} uses {sign}", source.shown, number + 1));
            }
        }
    }
    found
}

#[test]
fn arrows_between_rooms_point_down_only() {
    let sources = sources();
    assert!(sources.len() > 50, "only {} sources were found", sources.len());
    let up: Vec<String> = sources.iter().flat_map(Source::arrows_up).collect();
    assert_eq!(up, Vec::<String>::new());
}

#[test]
fn arrows_that_point_up_are_found_however_they_are_written() {
    for (path, text, named) in [
        ("src/spec/parse.rs", "use crate::app::load::load;\n", "app"),
        ("src/spec/parse.rs", "use crate::{path::RepoPath, port::{Model, Role}};\n", "port"),
        ("src/app/deliver.rs", "fn f() { crate::adapter::replay::play() }\n", "adapter"),
        ("src/adapter/terminal.rs", "fn f() { super::super::app::count() }\n", "app"),
        ("src/adapter/mod.rs", "pub use super::cli::main;\n", "cli"),
        ("src/port.rs", "use crate::app::generate;\n", "app"),
        ("src/yaml/node.rs", "use crate::spec::Spec;\n", "spec"),
    ] {
        let room = path.trim_start_matches("src/");
        assert_eq!(Source::new(path, text).arrows_up(), [format!("src/{room} names {named}")], "{text}");
    }
}

#[test]
fn comments_tests_and_arrows_that_point_down_are_no_problem() {
    for (path, text) in [
        ("src/spec/parse.rs", "// crate::app is elsewhere\n/// See [`crate::app`].\nuse crate::path::RepoPath;\n"),
        ("src/spec/parse.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::app::load;\n}\n"),
        ("src/adapter/process.rs", "use super::environment::child;\nuse crate::port::Runner;\n"),
        ("src/cli/commands.rs", "use crate::adapter::github;\nuse crate::app::status;\n"),
        ("src/app/load.rs", "use super::status::lock_of;\nuse crate::{spec::Spec, yaml};\n"),
    ] {
        assert_eq!(Source::new(path, text).arrows_up(), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn only_adapters_use_git_the_network_and_processes() {
    let outside = ["git2::", "octocrab::", "async_openai::", "reqwest::", "tokio::process", "std::process"];
    let mut found = uses(&sources(), &outside, |source| source.room() != "adapter");
    // The command line ends the process, and so names its exit code.
    found.retain(|line| !(line.starts_with("src/cli/mod.rs:") && line.ends_with("std::process")));
    assert_eq!(found, Vec::<String>::new());
    let inside = uses(&sources(), &outside, |source| source.room() == "adapter");
    for sign in ["git2::", "octocrab::", "async_openai::", "tokio::process"] {
        assert!(inside.iter().any(|line| line.ends_with(sign)), "the check does not see {sign} in the adapters");
    }
    let cli = sources().into_iter().find(|source| source.shown == "src/cli/mod.rs").unwrap();
    assert!(!cli.code.contains("process::Command"), "the command line runs no programs");
}

#[test]
fn the_domain_touches_no_file_clock_or_environment() {
    let signs =
        ["std::fs", "tokio::fs", "std::env", "SystemTime::now", "Instant::now", "std::net", "println!", "print!("];
    let domain = |source: &Source| matches!(level(source.room()), Level::Port | Level::Domain | Level::Base);
    assert_eq!(uses(&sources(), &signs, domain), Vec::<String>::new());
    let files = ["std::fs", "tokio::fs", "std::env"];
    assert_eq!(uses(&sources(), &files, |source| level(source.room()) == Level::App), Vec::<String>::new());
}
