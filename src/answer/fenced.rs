//! Fenced answers: blocks of Markdown, each headed by a path.
//!
//! A block opens with three or more backticks or tildes and closes with as many of the same on a line of their own at the
//! same indentation. Its path is the line above it (plain, in backticks, bold or as a heading), or stands in the info
//! string, or is the first line of the block as a comment. A single block needs no path when one file was asked for.

use super::Problem;
use crate::path::RepoPath;
use crate::protect::{Protection, protection};

struct Block {
    path: Option<String>,
    language: String,
    text: String,
}

/// Reads path and text of every file. Blocks that are no files (commands, output) are passed over where that is certain.
pub(super) fn read(text: &str, wanted: &[RepoPath]) -> Result<Vec<(String, String)>, Problem> {
    let blocks = blocks(text, wanted)?;
    if blocks.is_empty() {
        return Err(Problem::NoBlock);
    }
    let (named, unnamed): (Vec<Block>, Vec<Block>) = blocks.into_iter().partition(|block| block.path.is_some());
    let total = named.len() + unnamed.len();
    if named.is_empty() {
        let [path] = wanted else { return Err(Problem::Unclear(total)) };
        let mut candidates = unnamed.into_iter().filter(is_code);
        return match (candidates.next(), candidates.next()) {
            (Some(block), None) => Ok(vec![(path.to_string(), block.text)]),
            _ => Err(Problem::Unclear(total)),
        };
    }
    Ok(named.into_iter().filter_map(|block| Some((block.path?, block.text))).collect())
}

/// Reads the blocks of an answer that brings only parts of files: a path may be left out, and a file may have several blocks.
pub(super) fn read_parts(text: &str, wanted: &[RepoPath]) -> Result<Vec<(Option<String>, String)>, Problem> {
    let blocks = blocks(text, wanted)?;
    let parts: Vec<(Option<String>, String)> =
        blocks.into_iter().filter(is_code).map(|block| (block.path, block.text)).collect();
    if parts.is_empty() { Err(Problem::NoBlock) } else { Ok(parts) }
}

/// Whether a block can be source text: commands and their output are not.
fn is_code(block: &Block) -> bool {
    !matches!(block.language.as_str(), "bash" | "sh" | "shell" | "console" | "text" | "toml" | "json")
}

fn blocks(text: &str, wanted: &[RepoPath]) -> Result<Vec<Block>, Problem> {
    let mut blocks = Vec::new();
    let mut above: Option<&str> = None;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((indent, fence, info)) = opening(line) else {
            if !line.trim().is_empty() {
                above = Some(line);
            }
            continue;
        };
        let (language, in_info) = split_info(info);
        let mut path = in_info.or_else(|| above.take().and_then(path_of_line));
        let mut content = String::new();
        let mut closed = false;
        for inner in lines.by_ref() {
            if is_closing(inner, indent, fence) {
                closed = true;
                break;
            }
            content.push_str(inner.get(indent.min(leading_spaces(inner))..).unwrap_or(inner));
            content.push('\n');
        }
        if !closed {
            let name = path.or_else(|| wanted.first().map(RepoPath::to_string)).unwrap_or_default();
            return Err(Problem::Unclosed(name));
        }
        if path.is_none()
            && let Some((comment, rest)) = content.split_once('\n')
        {
            let named = path_of_comment(comment).filter(|path| wanted.iter().any(|wanted| wanted.as_str() == path));
            if named.is_some() {
                path = named;
                content = String::from(rest);
            }
        }
        above = None;
        blocks.push(Block { path, language: language.to_lowercase(), text: content });
    }
    Ok(blocks)
}

fn leading_spaces(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Indentation, fence and info string of a line that opens a block.
fn opening(line: &str) -> Option<(usize, &str, &str)> {
    let indent = leading_spaces(line);
    let rest = line.get(indent..)?;
    let mark = rest.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let length = rest.len() - rest.trim_start_matches(mark).len();
    let (fence, info) = rest.split_at_checked(length)?;
    (indent <= 3 && length >= 3 && !info.contains('`')).then(|| (indent, fence, info.trim()))
}

fn is_closing(line: &str, indent: usize, fence: &str) -> bool {
    let rest = line.trim_end();
    let mark = fence.chars().next().unwrap_or('`');
    leading_spaces(rest) == indent && {
        let rest = rest.trim_start_matches(' ');
        rest.len() >= fence.len() && rest.chars().all(|letter| letter == mark)
    }
}

/// The language and the path of an info string: `rust`, `rust src/a.rs`, `rust:src/a.rs`, `rust path=src/a.rs`.
fn split_info(info: &str) -> (&str, Option<String>) {
    let (language, rest) = info.split_once([' ', ':', '\t']).unwrap_or((info, ""));
    let rest = rest.trim().trim_start_matches(['{', '(']).trim_end_matches(['}', ')']);
    let rest = ["path=", "file=", "title=", "filename="].iter().find_map(|key| rest.strip_prefix(key)).unwrap_or(rest);
    let rest = rest.trim_matches(['"', '\'']);
    if rest.is_empty() && looks_like_path(language) && language.contains('/') {
        return ("", Some(language.to_owned()));
    }
    (language, looks_like_path(rest).then(|| rest.to_owned()))
}

/// The path of a line that stands for nothing else: `src/a.rs`, `**src/a.rs**`, `### \`src/a.rs\`:`, `File: src/a.rs`.
fn path_of_line(line: &str) -> Option<String> {
    let mut text = line.trim().trim_start_matches(['#', '-', '>', '*', ' ', '`']);
    for label in ["File:", "file:", "Path:", "path:", "Filename:", "filename:"] {
        text = text.strip_prefix(label).unwrap_or(text).trim();
    }
    let text = text.trim_end_matches([':', '*', '`', ' ']).trim_matches(['`', '*', '"', '\'']);
    looks_like_path(text).then(|| text.to_owned())
}

fn path_of_comment(line: &str) -> Option<String> {
    let text = line.trim();
    let inner = text.strip_prefix("//").or_else(|| text.strip_prefix('#'))?;
    path_of_line(inner)
}

/// One word with an extension, or with folders, or the name of a file that tools run: prose is none of these.
fn looks_like_path(text: &str) -> bool {
    let has_extension = text.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty()
            && !extension.is_empty()
            && extension.len() <= 10
            && extension.chars().all(|letter| letter.is_ascii_alphanumeric())
    });
    let is_known = || RepoPath::parse(text).is_ok_and(|path| protection(&path) != Protection::None);
    !text.is_empty() && !text.contains(char::is_whitespace) && (has_extension || text.contains('/') || is_known())
}

/// A fence that is longer than any in the text.
pub(super) fn ticks_for(text: &str) -> String {
    let longest = text.lines().map(|line| {
        let line = line.trim_start();
        line.len() - line.trim_start_matches('`').len()
    });
    "`".repeat(longest.max().unwrap_or(0).max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::super::{Form, Problem, parse};
    use crate::path::RepoPath;

    fn one(text: &str) -> Result<String, Problem> {
        let wanted = [RepoPath::parse("src/a.rs").unwrap()];
        parse(text, Form::Fenced, &wanted, false).map(|files| files.into_iter().map(|file| file.text).collect())
    }

    #[test]
    fn every_shape_that_names_its_file_is_read() {
        for text in [
            "src/a.rs\n```rust\nfn a() {}\n```\n",
            "```rust\nfn a() {}\n```",
            "Here it is:\n\n```rust\nfn a() {}\n```\n\nEnjoy!",
            "**src/a.rs**\n\n```rust\nfn a() {}\n```",
            "### `src/a.rs`:\n~~~\nfn a() {}\n~~~",
            "```rust:src/a.rs\nfn a() {}\n```",
            "```rust path=\"src/a.rs\"\nfn a() {}\n```",
            "```src/a.rs\nfn a() {}\n```",
            "```rust\n// src/a.rs\nfn a() {}\n```",
            "File: src/a.rs\r\n```rust\r\nfn a() {}\r\n```\r\n",
            "  ```rust\n  fn a() {}\n  ```\n",
            "```rust\nfn a() {}\n```\nRun it:\n```bash\ncargo test\n```",
        ] {
            assert_eq!(one(text).as_deref(), Ok("fn a() {}\n"), "{text}");
        }
    }

    #[test]
    fn inner_fences_stay_inside() {
        let text = "src/a.rs\n````rust\n/// ```\n/// a();\n/// ```\nfn a() {}\n````\n";
        assert_eq!(one(text).as_deref(), Ok("/// ```\n/// a();\n/// ```\nfn a() {}\n"));
        let docs = "src/a.rs\n```rust\n/// ```\n/// a();\n/// ```\nfn a() {}\n```\n";
        assert_eq!(one(docs).as_deref(), Ok("/// ```\n/// a();\n/// ```\nfn a() {}\n"));
    }

    #[test]
    fn everything_else_is_a_problem_with_a_reason() {
        let owned = vec!["src/a.rs".to_owned()];
        for (text, problem) in [
            ("", Problem::Empty),
            ("I cannot do that, fn a() {}", Problem::NoBlock),
            ("fn a() {}\n", Problem::NoBlock),
            ("src/a.rs\n```rust\nfn a() {", Problem::Unclosed("src/a.rs".into())),
            ("```rust\nfn a() {}\n```\n```rust\nfn b() {}\n```", Problem::Unclear(2)),
            ("src/b.rs\n```rust\nfn a() {}\n```", Problem::NotOwned { path: "src/b.rs".into(), owned }),
            (".github/workflows/x.yml\n```\na: b\n```", Problem::Protected(".github/workflows/x.yml".into())),
            ("src/a.rs\n```rust\na\n```\nsrc/a.rs\n```rust\nb\n```", Problem::Duplicate("src/a.rs".into())),
            ("src/a.rs\n```rust\n```", Problem::EmptyFile("src/a.rs".into())),
        ] {
            assert_eq!(one(text), Err(problem), "{text}");
        }
        for path in ["../a.rs", "/etc/a.rs", "a\\b.rs"] {
            let answer = one(&format!("{path}\n```rust\nfn a() {{}}\n```"));
            assert!(answer.as_ref().is_err_and(Problem::is_policy), "{path}: {answer:?}");
        }
    }

    #[test]
    fn several_files_come_with_their_paths() {
        let wanted = ["src/a.rs", "src/b.rs", "src/c.rs"].map(|path| RepoPath::parse(path).unwrap());
        let text = "src/a.rs\n```rust\na\n```\n\nsrc/b.rs\n```rust\nb\n```\n\nsrc/c.rs\n```rust\nc\n```\n";
        assert_eq!(parse(text, Form::Fenced, &wanted, false).map(|files| files.len()), Ok(3));
        let short = "src/a.rs\n```rust\na\n```\n";
        assert_eq!(parse(short, Form::Fenced, &wanted, false), Err(Problem::Missing("src/b.rs".into())));
        assert_eq!(parse(short, Form::Fenced, &wanted, true).map(|files| files.len()), Ok(1));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(`{0,4}|~{3}|src/a\\.rs|rust|\n|\\PC| ){0,60}") {
            let _ = one(&text);
        }
    }
}
