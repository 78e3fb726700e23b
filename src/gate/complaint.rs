//! Complaints: what compilers and linters print about single lines of a file.

use super::findings::{self, lines_of};

/// What was said about one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The line, from 1.
    pub(super) line: usize,
    /// The message.
    pub(super) message: String,
}

/// What was said about the lines of a file.
pub(super) fn complaints(path: &str, output: &str) -> Vec<Complaint> {
    let read = findings::read(output, "").into_iter().filter(|finding| finding.file == path);
    let mut found: Vec<Complaint> = read
        .filter_map(|finding| {
            Some(Complaint { line: *lines_of(&finding.line, path).first()?, message: finding.message })
        })
        .collect();
    // The compiler of Rust says first what is wrong and on the next line where.
    let mut said: Option<&str> = None;
    for line in output.lines() {
        if line.starts_with("error") || line.starts_with("warning") {
            said = Some(line);
        } else if let Some(place) = line.trim_start().strip_prefix("--> ")
            && let Some(message) = said.take()
        {
            let lines = lines_of(place, path);
            found.extend(lines.first().map(|line| Complaint { line: *line, message: message.to_owned() }));
        }
    }
    found
}
