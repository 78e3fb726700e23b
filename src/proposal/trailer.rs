//! The trailers of the bot's own commits: by them it knows which commits are its own and which files are still as it wrote
//! them, also after somebody amended one.

use crate::lock;

const FILE: &str = "Codegen-File: ";
const MERGE: &str = "Codegen-Merge: ";

/// The trailer of a file as it was written.
pub fn of_file(path: &str, text: &str) -> String {
    format!("{FILE}{} {path}\n", short(text))
}

/// The message of a merge that only brings the base in.
pub fn merge_message(commit: &str, branch: &str) -> String {
    format!("Merge {commit} into {branch}\n\n{MERGE}{commit}\n")
}

/// Whether the message is of a commit of the bot.
pub fn is_own(message: &str) -> bool {
    message.lines().any(|line| line.starts_with(FILE) || line.starts_with(MERGE))
}

/// The files that a commit of the bot wrote, with their digests.
pub fn files(message: &str) -> Vec<(&str, &str)> {
    message
        .lines()
        .filter_map(|line| line.strip_prefix(FILE)?.split_once(' '))
        .map(|(digest, path)| (path, digest))
        .collect()
}

/// The digest that trailers carry.
pub fn short(text: &str) -> String {
    lock::digest(text).chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_say_what_was_written() {
        let message = format!("codegen: x\n\nwords\n\n{}{}", of_file("a b.rs", "text"), of_file("c.rs", ""));
        assert_eq!(files(&message), [("a b.rs", short("text").as_str()), ("c.rs", short("").as_str())]);
        assert!(is_own(&message) && is_own(&merge_message("abc", "main")));
        assert!(!is_own("fix\n\nCo-authored-by: somebody\n"));
    }
}
