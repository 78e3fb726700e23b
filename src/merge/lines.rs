//! The merge by lines: what only one side changed is taken, what both changed alike too, and the rest is a conflict.

use std::fmt::Write as _;

use similar::{Algorithm, MergeResolution, TextMerge, TextMergeConfig};

use super::Merged;

/// What the three parts of a conflict are called: as the file stands, before, now.
pub const LABELS: [&str; 3] = ["as it stands", "generated before", "generated now"];

fn regions<'t>(base: &'t str, ours: &'t str, theirs: &'t str) -> TextMerge<'t, 't, 't, str> {
    let mut config = TextMergeConfig::new();
    config.algorithm(Algorithm::Histogram);
    config.merge_lines(base, ours, theirs)
}

/// The lines that a text has and its base has not, as the merge sees it.
pub(super) fn added_lines(base: &str, ours: &str) -> Vec<String> {
    let edits = regions(base, ours, base);
    let changed = edits.regions().iter().filter(|region| region.resolution() == MergeResolution::Ours);
    changed.flat_map(similar::MergeRegion::ours_range).filter_map(|at| edits.ours_line(at).map(str::to_owned)).collect()
}

/// Merges by lines. A conflict has all three parts between markers.
pub fn merge_lines(base: &str, ours: &str, theirs: &str) -> Merged {
    let merge = regions(base, ours, theirs);
    let mut text = String::new();
    let mut conflicts = 0;
    for region in merge.regions() {
        let mine = || region.ours_range().filter_map(|at| merge.ours_line(at));
        let new = || region.theirs_range().filter_map(|at| merge.theirs_line(at));
        match region.resolution() {
            MergeResolution::Theirs => new().for_each(|line| push(&mut text, line)),
            MergeResolution::Conflict => {
                conflicts += 1;
                let [ours, before, now] = LABELS;
                end_line(&mut text);
                let _ = writeln!(text, "<<<<<<< {ours}");
                mine().for_each(|line| push(&mut text, line));
                end_line(&mut text);
                let _ = writeln!(text, "||||||| {before}");
                region.base_range().filter_map(|at| merge.base_line(at)).for_each(|line| push(&mut text, line));
                end_line(&mut text);
                text.push_str("=======\n");
                new().for_each(|line| push(&mut text, line));
                end_line(&mut text);
                let _ = writeln!(text, ">>>>>>> {now}");
            }
            // A resolution that is new to this code keeps what stands.
            _ => mine().for_each(|line| push(&mut text, line)),
        }
    }
    Merged { text, conflicts }
}

/// The generated text beneath a merged one, by lines; a place that both changed gets the text generated before.
pub(super) fn without_edits(base: &str, ours: &str, merged: &str) -> String {
    let back = regions(ours, base, merged);
    let mut text = String::new();
    for region in back.regions() {
        if region.resolution() == MergeResolution::Theirs {
            region.theirs_range().filter_map(|at| back.theirs_line(at)).for_each(|line| push(&mut text, line));
        } else {
            region.ours_range().filter_map(|at| back.ours_line(at)).for_each(|line| push(&mut text, line));
        }
    }
    text
}

/// Whether a text has conflicts that nobody settled: the marks that start, part and end one, each at the start of a line.
pub fn has_markers(text: &str) -> bool {
    let starts = |mark: &str| text.lines().any(|line| line.starts_with(mark));
    text.contains("<<<<<<<") && starts("<<<<<<< ") && starts("=======") && starts(">>>>>>> ")
}

/// Adds a line; the one before it may be the last of its text and have no end.
fn push(text: &mut String, line: &str) {
    end_line(text);
    text.push_str(line);
}

fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}
