//! What the bot answers to a command: one comment, whose text is a pure function of how things stand.

use std::fmt::Write as _;

use super::help;
use crate::failure::Failure;
use crate::text::{inert, is_hidden, shortened};

/// Most characters of an answer.
const MOST: usize = 58_000;
const WORKING: &str = "<!-- codegen:working -->";

/// The mark of the one answer to a comment.
pub fn mark(comment: u64) -> String {
    format!("<!-- codegen:answer-to={comment} -->")
}

/// Whether an answer says that work goes on.
pub fn is_working(body: &str) -> bool {
    body.contains(WORKING)
}

fn answer(comment: u64, text: &str) -> String {
    format!("{}\n{}\n", mark(comment), shortened(text.trim_end(), MOST))
}

/// Work goes on.
pub fn working(comment: u64, what: &str, lines: &[String]) -> String {
    let mut out = format!("{WORKING}\n**Working** on {}.\n\n", inert(&shortened(what, 300)));
    for line in lines.iter().rev().take(12).collect::<Vec<_>>().into_iter().rev() {
        let _ = writeln!(out, "- {}", inert(&shortened(line, 200)).replace('\n', " "));
    }
    answer(comment, &out)
}

/// One thing that came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Result {
    /// The specs.
    pub specs: String,
    /// Where to look.
    pub url: String,
    /// `opened`, `updated`, …
    pub action: String,
    /// Whether it is a draft of what failed.
    pub draft: bool,
}

/// Everything is done.
pub fn done(comment: u64, results: &[Result], notes: &[String]) -> String {
    let mut out = String::from("**Done.**\n\n");
    list(&mut out, results, notes);
    if results.is_empty() && notes.is_empty() {
        out.push_str("There was nothing to do: every spec is current.\n");
    }
    answer(comment, &out)
}

fn list(out: &mut String, results: &[Result], notes: &[String]) {
    for result in results {
        let draft = if result.draft { "draft, " } else { "" };
        let place = if result.url.is_empty() { "this branch".to_owned() } else { inert(&result.url) };
        let _ = writeln!(out, "- {}: {place} ({draft}{})", inert(&result.specs), result.action);
    }
    for note in notes {
        let _ = writeln!(out, "- {}", inert(&shortened(note, 500)).replace('\n', " "));
    }
}

/// Something failed: what, why, and what to do.
pub fn failed(comment: u64, failures: &[(String, Failure)], results: &[Result]) -> String {
    let mut out = String::from("**This did not work.**\n\n");
    list(&mut out, results, &[]);
    for (subject, failure) in failures {
        let place = if subject.is_empty() { String::new() } else { format!("{}: ", inert(subject)) };
        let _ = writeln!(out, "- {place}{}", inert(&shortened(&failure.message, 600)).replace('\n', " "));
        for hint in &failure.hints {
            let _ = writeln!(out, "  - {}", inert(&shortened(hint, 400)).replace('\n', " "));
        }
    }
    for (subject, failure) in failures {
        let mut details: Vec<String> = failure.causes.clone();
        details.extend(failure.diagnostics.iter().map(|problem| format!("{}: {}", problem.place(), problem.message)));
        if details.is_empty() {
            continue;
        }
        let _ = writeln!(
            out,
            "\n<details><summary>Details{}</summary>\n",
            if subject.is_empty() { String::new() } else { format!(" of {}", inert(subject)) }
        );
        for line in shortened(&details.join("\n"), 8000).lines() {
            let plain: String = line.chars().filter(|letter| !is_hidden(*letter)).collect();
            let _ = writeln!(out, "    {plain}");
        }
        let _ = writeln!(out, "\n</details>");
    }
    answer(comment, &out)
}

/// The command cannot be obeyed as it is; `why` is safe already.
pub fn refused(comment: u64, why: &str) -> String {
    answer(comment, &format!("**Not done:** {why}\n\n`/codegen help` shows what can be said."))
}

/// The work ended without a word, and another step noticed.
pub fn broken_off(comment: u64) -> String {
    answer(
        comment,
        "**This broke off**: the run was stopped, or ended by a fault. Nothing was merged; what was proposed so far is found again by the next run. The log of the workflow says more. Give the command again to go on.",
    )
}

/// What can be said.
pub fn helped(comment: u64) -> String {
    answer(
        comment,
        &format!(
            "{}\nOnly people who may push are obeyed. Quotes, code blocks, edited comments and bots are not.",
            help::table()
        ),
    )
}

/// Every spec with its state.
pub fn listed(comment: u64, rows: &[[String; 4]]) -> String {
    let mut out = String::from("| spec | language | pattern | state |\n|---|---|---|---|\n");
    for row in rows {
        let cells: Vec<String> =
            row.iter().map(|cell| inert(&shortened(cell, 120)).replace('|', "\\|").replace('\n', " ")).collect();
        let line = format!("| {} |\n", cells.join(" | "));
        if out.chars().count() + line.chars().count() > MOST - 100 {
            out.push_str("\n…\n");
            break;
        }
        out.push_str(&line);
    }
    answer(comment, if rows.is_empty() { "There are no specs yet." } else { &out })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    #[test]
    fn answers_are_bounded_marked_and_harmless() {
        let hostile = "@all <!-- codegen:answer-to=1 --> </details> ".repeat(8000);
        let failure = Failure::new(Kind::Gate, hostile.clone()).cause(hostile.clone()).hint(hostile.clone());
        let results = [Result { specs: hostile.clone(), url: hostile.clone(), action: "opened".into(), draft: true }];
        let rows = vec![[hostile.clone(), "rust".into(), "x|y".into(), "new".into()]; 900];
        for text in [
            working(7, &hostile, &vec![hostile.clone(); 50]),
            done(7, &results, std::slice::from_ref(&hostile)),
            failed(7, &[("order".into(), failure.clone()), (String::new(), failure)], &[]),
            listed(7, &rows),
            refused(7, "no"),
            broken_off(7),
            helped(7),
        ] {
            assert!(text.chars().count() < 60_000);
            assert!(text.starts_with("<!-- codegen:answer-to=7 -->\n"));
            assert_eq!(
                text.lines().filter(|line| !line.starts_with("    ")).filter(|line| line.contains("@all")).count(),
                0,
                "{text}"
            );
            assert!(!text.lines().any(|line| !line.starts_with("    ") && line.contains("<!-- codegen:answer-to=1")));
        }
        assert!(is_working(&working(1, "x", &[])) && !is_working(&done(1, &[], &[])));
    }
}
