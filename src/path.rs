//! A path inside the repository: relative, UTF-8, `/` between its parts, without `.` or `..`.
//!
//! What is not such a path cannot be expressed, so no later step has to check again. Whether a part of it is a symbolic
//! link is known only to the file system and checked where files are written.

use std::fmt;

/// A validated path inside the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(String);

/// Why a text is not a path inside the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathProblem {
    /// Nothing there.
    #[error("the path is empty")]
    Empty,
    /// Starts at the root of the file system or at a drive.
    #[error("the path is absolute; write it relative to the root of the repository")]
    Absolute,
    /// Has a `..` part.
    #[error("the path leaves the repository")]
    Escapes,
    /// Has characters that no portable path has.
    #[error("the path has a backslash, a control character or a part that ends in a dot or space")]
    Unportable,
    /// Too long for common file systems.
    #[error("the path is longer than 1024 bytes, or a part of it longer than 255")]
    TooLong,
}

impl RepoPath {
    /// Reads a path, taking away `./` and doubled slashes.
    pub fn parse(text: &str) -> Result<Self, PathProblem> {
        if text.trim().is_empty() {
            return Err(PathProblem::Empty);
        }
        if text.contains(|letter: char| letter == '\\' || letter.is_control()) {
            return Err(PathProblem::Unportable);
        }
        let drive = text.get(1..2) == Some(":") && text.starts_with(|first: char| first.is_ascii_alphabetic());
        if text.starts_with('/') || text.starts_with('~') || drive {
            return Err(PathProblem::Absolute);
        }
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.contains(&"..") {
            return Err(PathProblem::Escapes);
        }
        if parts.is_empty() || text.ends_with('/') {
            return Err(PathProblem::Empty);
        }
        if parts.iter().any(|part| part.ends_with(['.', ' ']) || part.starts_with(' ')) {
            return Err(PathProblem::Unportable);
        }
        if text.len() > 1024 || parts.iter().any(|part| part.len() > 255) {
            return Err(PathProblem::TooLong);
        }
        Ok(Self(parts.join("/")))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The last part without its last extension.
    pub fn stem(&self) -> &str {
        let name = self.file_name();
        name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
    }

    /// The extension of the last part, or nothing.
    pub fn extension(&self) -> &str {
        self.file_name().rsplit_once('.').map_or("", |(stem, extension)| if stem.is_empty() { "" } else { extension })
    }

    /// The folder as text; empty at the root.
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The folder of a relative path that is text; `.` at the root, as commands name it.
    pub fn parent_of(text: &str) -> &str {
        text.rsplit_once('/').map_or(".", |(folder, _)| folder)
    }

    /// The parts in order.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The relative path from this file's folder to another file, as import statements write it: it starts with `./` or `../`.
    pub fn relative_to(&self, other: &RepoPath) -> String {
        let from: Vec<&str> = self.parent().split('/').filter(|part| !part.is_empty()).collect();
        let to: Vec<&str> = other.parts().collect();
        let common = from.iter().zip(&to).take_while(|(left, right)| left == right).count();
        let up = "../".repeat(from.len() - common);
        let start = if up.is_empty() { "./" } else { up.as_str() };
        format!("{start}{}", to.get(common..).unwrap_or_default().join("/"))
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl serde::Serialize for RepoPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for RepoPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_inside_the_repository_are_paths() {
        for (text, problem) in [
            ("", PathProblem::Empty),
            ("src/", PathProblem::Empty),
            ("/etc/passwd", PathProblem::Absolute),
            ("~/x", PathProblem::Absolute),
            ("C:/x", PathProblem::Absolute),
            ("../x", PathProblem::Escapes),
            ("a/../../x", PathProblem::Escapes),
            ("a\\b", PathProblem::Unportable),
            ("a\0b", PathProblem::Unportable),
            ("a./b", PathProblem::Unportable),
        ] {
            assert_eq!(RepoPath::parse(text), Err(problem), "{text:?}");
        }
        assert_eq!(RepoPath::parse("./src//a.rs").unwrap().as_str(), "src/a.rs");
    }

    #[test]
    fn relative_paths_climb_only_as_far_as_needed() {
        let test = RepoPath::parse("tests/unit/order.test.ts").unwrap();
        let code = RepoPath::parse("src/order.ts").unwrap();
        assert_eq!(test.relative_to(&code), "../../src/order.ts");
        assert_eq!(code.relative_to(&RepoPath::parse("src/money.ts").unwrap()), "./money.ts");
    }
}
