//! The library: every pattern at hand, the repository's own in front of the built-in ones.

use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::{Origin, Pattern, PatternRef, parse};
use crate::diagnostic::{Diagnostic, SourceText, nearest};

/// The folder of patterns.
pub const FOLDER: &str = ".codegen/patterns";

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/.codegen/patterns");

/// All patterns, sorted by name and then by version, the latest last.
#[derive(Debug, Default)]
pub struct Library {
    patterns: Vec<Arc<Pattern>>,
}

/// Why a reference names no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The reference.
    pub wanted: String,
    /// A name or version that may be meant.
    pub nearest: Option<String>,
    /// What there is.
    pub known: Vec<String>,
}

/// The built-in pattern files: shown path and text.
pub fn built_in_files() -> Vec<(String, &'static str)> {
    let mut files: Vec<_> = BUILT_IN
        .files()
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "yaml"))
        .filter_map(|file| Some((format!("{FOLDER}/{}", file.path().to_str()?), file.contents_utf8()?)))
        .collect();
    files.sort();
    files
}

fn read_built_in(path: &str) -> Option<String> {
    BUILT_IN.get_file(path)?.contents_utf8().map(str::to_owned)
}

impl Library {
    /// Puts the repository's patterns in front of the built-in ones: a name of the repository hides the built-in name.
    ///
    /// Only built-in patterns that no file of the repository hides are parsed.
    pub fn new(own: Vec<Pattern>) -> (Self, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let mut patterns: Vec<Arc<Pattern>> = Vec::new();
        for pattern in own {
            let twin = patterns.iter().find(|other| other.name == pattern.name && other.version == pattern.version);
            if let Some(twin) = twin {
                let message = format!("the pattern {} is defined twice", pattern.reference());
                let problem = Diagnostic::at("duplicate-pattern", message, &pattern.source, 0..0);
                problems.push(problem.and("first here", &twin.source, 0..0));
            }
            patterns.push(Arc::new(pattern));
        }
        for (path, text) in built_in_files() {
            let source = SourceText::new(path, text);
            match parse(&source, Origin::BuiltIn, &read_built_in) {
                Ok(pattern) => {
                    let hidden =
                        patterns.iter().any(|other| other.origin == Origin::Repository && other.name == pattern.name);
                    if !hidden {
                        patterns.push(Arc::new(pattern));
                    }
                }
                Err(mut found) => problems.append(&mut found),
            }
        }
        patterns.sort_by(|left, right| left.name.cmp(&right.name).then(left.version.cmp(&right.version)));
        (Self { patterns }, problems)
    }

    /// Every pattern.
    pub fn all(&self) -> &[Arc<Pattern>] {
        &self.patterns
    }

    /// The latest version of each name.
    pub fn latest(&self) -> Vec<&Arc<Pattern>> {
        let mut latest: Vec<&Arc<Pattern>> = Vec::new();
        for pattern in &self.patterns {
            match latest.last_mut() {
                Some(last) if last.name == pattern.name => *last = pattern,
                _ => latest.push(pattern),
            }
        }
        latest
    }

    /// The latest pattern that a reference allows.
    pub fn find(&self, wanted: &PatternRef) -> Result<&Arc<Pattern>, Unknown> {
        let of_name = || self.patterns.iter().filter(|pattern| pattern.name == wanted.name);
        let found =
            of_name().rfind(|pattern| wanted.version.as_ref().is_none_or(|version| version.matches(&pattern.version)));
        found.ok_or_else(|| {
            let known: Vec<String> = if of_name().next().is_some() {
                of_name().map(|pattern| pattern.reference()).collect()
            } else {
                self.latest().iter().map(|pattern| pattern.name.clone()).collect()
            };
            let wanted = wanted.to_string();
            let nearest = nearest(&wanted, known.iter().map(String::as_str)).map(str::to_owned);
            Unknown { wanted, nearest, known }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(name: &str, version: &str) -> Pattern {
        let text = format!("name: {name}\nversion: {version}\nsummary: s\nrules: [{{ id: a, text: t }}]\n");
        parse(&SourceText::new(format!("{name}@{version}.yaml"), text), Origin::Repository, &|_| None).unwrap()
    }

    #[test]
    fn versions_are_numbers_and_references_pin_them() {
        let own = ["9.0.0", "10.0.0", "1.2.0", "1.3.0"].map(|version| pattern("repository", version));
        let (library, problems) = Library::new(own.into());
        assert!(problems.is_empty(), "{problems:?}");
        let version = |text: &str| {
            library.find(&PatternRef::parse(text).unwrap()).map(|found| found.version.to_string()).unwrap_or_default()
        };
        assert_eq!(version("repository"), "10.0.0");
        assert_eq!(version("repository@1"), "1.3.0");
        assert_eq!(version("repository@1.2.0"), "1.2.0");
        assert_eq!(version("repository@2"), "");
    }

    #[test]
    fn the_repository_hides_a_built_in_pattern() {
        let (library, _) = Library::new(vec![pattern("dto", "0.1.0")]);
        let found = library.find(&PatternRef::parse("dto").unwrap()).unwrap();
        assert_eq!((found.origin, found.version.to_string()), (Origin::Repository, "0.1.0".to_owned()));
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        let (library, _) = Library::new(Vec::new());
        let unknown = library.find(&PatternRef::parse("repositroy").unwrap()).unwrap_err();
        assert_eq!(unknown.nearest.as_deref(), Some("repository"));
    }
}
