//! Changes to files: what an answer wants, before anything is written.

use crate::path::RepoPath;

/// One file's change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file.
    pub path: RepoPath,
    /// Its text as it stood when the change was made; `None` for a new file.
    pub before: Option<String>,
    /// Its new text.
    pub after: String,
}

/// How much a change adds and takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct LineCount {
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
    /// Lines that stay as they were.
    pub kept: usize,
    /// Lines that stand in the place of others: they count as added and removed too.
    pub changed: usize,
}

impl FileChange {
    /// Lines added and removed.
    pub fn lines(&self) -> LineCount {
        let before = self.before.as_deref().unwrap_or_default();
        let diff = similar::TextDiff::from_lines(before, &self.after);
        let mut count = LineCount::default();
        for op in diff.ops() {
            let (old, new) = (op.old_range().len(), op.new_range().len());
            if op.tag() == similar::DiffTag::Equal {
                count.kept += new;
            } else {
                count.removed += old;
                count.added += new;
                count.changed += old.min(new);
            }
        }
        count
    }
}

/// One unified diff of all changes, in the order of their paths, that `git apply` takes.
pub fn unified_diff(changes: &[FileChange]) -> String {
    let mut sorted: Vec<&FileChange> =
        changes.iter().filter(|change| change.before.as_ref() != Some(&change.after)).collect();
    sorted.sort_by(|left, right| left.path.cmp(&right.path));
    sorted.into_iter().map(file_diff).collect()
}

fn file_diff(change: &FileChange) -> String {
    let path = change.path.as_str();
    let (quoted_a, quoted_b) = (quote(&format!("a/{path}")), quote(&format!("b/{path}")));
    let mut out = format!("diff --git {quoted_a} {quoted_b}\n");
    let from = if change.before.is_some() {
        quoted_a
    } else {
        out.push_str("new file mode 100644\n");
        "/dev/null".to_owned()
    };
    let before = change.before.as_deref().unwrap_or_default();
    let diff = similar::TextDiff::configure().algorithm(similar::Algorithm::Patience).diff_lines(before, &change.after);
    let hunks = diff.unified_diff().context_radius(3).header(&from, &quoted_b).to_string();
    out.push_str(&hunks);
    out
}

/// Quotes a path as git does when it holds other than plain characters.
fn quote(path: &str) -> String {
    if path.chars().all(|letter| letter.is_ascii() && !letter.is_ascii_control() && letter != '"') {
        return path.to_owned();
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' => out.push_str("\\\""),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_names_new_and_changed_files_and_skips_equal_ones() {
        let change = |path: &str, before: Option<&str>, after: &str| FileChange {
            path: RepoPath::parse(path).unwrap(),
            before: before.map(str::to_owned),
            after: after.to_owned(),
        };
        let diff = unified_diff(&[
            change("b.rs", Some("one\ntwo\n"), "one\n2\n"),
            change("a.rs", None, "new\n"),
            change("c.rs", Some("same"), "same"),
        ]);
        let expected = "diff --git a/a.rs b/a.rs\nnew file mode 100644\n--- /dev/null\n+++ b/a.rs\n@@ -0,0 +1 @@\n+new\ndiff --git a/b.rs b/b.rs\n--- a/b.rs\n+++ b/b.rs\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n";
        assert_eq!(diff, expected);
    }
}
