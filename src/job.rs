//! A job on GitHub Actions, as far as it is text: its summary, its annotations, its outputs.
//!
//! GitHub drops a summary above 1 MiB whole and shows ten annotations of a kind for a step; both bounds are kept here.

use std::fmt::Write as _;

use crate::command::reply;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::text::{inert, is_hidden, shortened};

/// Most bytes of a summary.
const MOST_SUMMARY: usize = 1_000_000;
/// Most annotations of a kind for a step.
const MOST_ANNOTATIONS: usize = 10;

/// How a run ended, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// There was nothing to do.
    Nothing,
    /// Something is proposed.
    Proposed,
    /// A comment was answered.
    Answered,
    /// The event was not one to act on.
    Ignored,
    /// The author of a comment may not command.
    Refused,
    /// Something failed.
    Failed,
}

impl Ending {
    /// The word for it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Proposed => "proposed",
            Self::Answered => "answered",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Report {
    /// How it ended.
    pub ending: Ending,
    /// Why, where that needs words.
    pub why: String,
    /// Proposals.
    pub results: Vec<reply::Result>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// What failed, by spec.
    pub failures: Vec<(String, Failure)>,
}

impl Report {
    /// Whether a proposal is other than before.
    pub fn changed(&self) -> bool {
        self.results.iter().any(|result| result.action != "unchanged")
    }

    /// The report for programs.
    pub fn json(&self) -> serde_json::Value {
        let results: Vec<_> = self
            .results
            .iter()
            .map(|result| serde_json::json!({ "specs": result.specs, "url": result.url, "action": result.action, "draft": result.draft }))
            .collect();
        let failures: Vec<_> = self
            .failures
            .iter()
            .map(|(spec, failure)| {
                serde_json::json!({ "spec": spec, "kind": failure.kind.id(), "message": failure.message, "causes": failure.causes, "hints": failure.hints })
            })
            .collect();
        serde_json::json!({ "result": self.ending.id(), "why": self.why, "pull_requests": results, "notes": self.notes, "failures": failures })
    }

    /// The outputs of the step.
    pub fn outputs(&self, file: &str) -> Vec<(&'static str, String)> {
        let urls: Vec<&str> =
            self.results.iter().map(|result| result.url.as_str()).filter(|url| !url.is_empty()).collect();
        vec![
            ("pull-requests", serde_json::json!(urls).to_string()),
            ("changed", self.changed().to_string()),
            ("result", self.ending.id().to_owned()),
            ("report", file.to_owned()),
        ]
    }

    /// The summary of the job, in Markdown.
    pub fn summary(&self) -> String {
        let mut out = format!("## codegen: {}\n\n", self.ending.id());
        if !self.why.is_empty() {
            let _ = writeln!(out, "{}\n", inert(&shortened(&self.why, 2000)));
        }
        if !self.results.is_empty() {
            out.push_str("| specs | pull request | |\n|---|---|---|\n");
        }
        for result in &self.results {
            let draft = if result.draft { "draft, " } else { "" };
            let cells = [&result.specs, &result.url].map(|text| inert(text).replace('|', "\\|").replace('\n', " "));
            let _ = writeln!(out, "| {} | {draft}{} |", cells.join(" | "), result.action);
        }
        for note in &self.notes {
            let _ = writeln!(out, "\n- {}", inert(&shortened(note, 1000)).replace('\n', " "));
        }
        for (spec, failure) in &self.failures {
            let subject = if spec.is_empty() { "codegen" } else { spec.as_str() };
            let _ = writeln!(out, "\n### ❌ {}\n\n{}\n", inert(subject), inert(&shortened(&failure.message, 4000)));
            for hint in &failure.hints {
                let _ = writeln!(out, "- {}", inert(&shortened(hint, 1000)).replace('\n', " "));
            }
            let details = failure.causes.iter().cloned().chain(failure.diagnostics.iter().map(told));
            for line in shortened(&details.collect::<Vec<_>>().join("\n"), 20_000).lines() {
                let plain: String = line.chars().filter(|letter| !is_hidden(*letter)).collect();
                let _ = writeln!(out, "    {plain}");
            }
            if out.len() > MOST_SUMMARY - 100_000 {
                out.push_str("\n… the rest is in the log.\n");
                break;
            }
        }
        bounded(out, MOST_SUMMARY)
    }

    /// The annotations of the step, as lines for its log.
    pub fn annotations(&self) -> Vec<String> {
        let problems = self.failures.iter().flat_map(|(_, failure)| &failure.diagnostics);
        let mut lines: Vec<String> = problems.map(annotation).collect();
        let plain = self.failures.iter().filter(|(_, failure)| failure.diagnostics.is_empty());
        lines.extend(plain.map(|(spec, failure)| {
            format!(
                "::error title={}::{}",
                property(format!("codegen {spec}").trim_end()),
                message(&failure.to_string())
            )
        }));
        if lines.len() > MOST_ANNOTATIONS {
            let left = lines.len() - (MOST_ANNOTATIONS - 1);
            lines.truncate(MOST_ANNOTATIONS - 1);
            lines.push(format!("::error title=codegen::and {left} more, in the log and the summary"));
        }
        lines
    }
}

fn told(problem: &Diagnostic) -> String {
    format!("{}: {}", problem.place(), problem.message)
}

fn annotation(problem: &Diagnostic) -> String {
    let place = problem.place();
    let mut parts = place.rsplitn(3, ':');
    let (column, line, file) =
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!(
        "::error file={},line={},col={},title={}::{}",
        property(file),
        property(line),
        property(column),
        property(problem.code),
        message(&problem.message)
    )
}

/// Text of a workflow command. <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>
fn message(text: &str) -> String {
    shortened(text, 4000).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

fn bounded(text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use crate::failure::Kind;

    fn report(failures: Vec<(String, Failure)>) -> Report {
        Report { ending: Ending::Failed, why: String::new(), results: Vec::new(), notes: Vec::new(), failures }
    }

    #[test]
    fn annotations_have_places_and_stay_few() {
        let source = SourceText::new(".codegen/specs/a,b.yaml", "name: x\nnmae: y\n");
        let problem = Diagnostic::at("unknown-key", "unknown key `nmae`\n::set-output name=x::y", &source, 8..12);
        let one = report(vec![("a".into(), Failure::diagnostics(vec![problem.clone()]))]);
        assert_eq!(
            one.annotations(),
            [
                "::error file=.codegen/specs/a%2Cb.yaml,line=2,col=1,title=unknown-key::unknown key `nmae`%0A::set-output name=x::y"
            ]
        );
        let many = report(vec![("a".into(), Failure::diagnostics(vec![problem; 30]))]);
        assert_eq!(many.annotations().len(), 10);
        assert!(many.annotations()[9].contains("and 21 more"));
    }

    #[test]
    fn a_summary_stays_below_a_mebibyte_whatever_failed() {
        let long = "ä@all ".repeat(200_000);
        let failure = Failure::new(Kind::Gate, long.clone()).cause(long.clone()).hint(long);
        let text = report(vec![("spec".to_owned(), failure); 500]).summary();
        assert!(text.len() < 1 << 20 && text.len() > 500_000, "{}", text.len());
        assert!(
            text.contains("### ❌ spec")
                && !text.lines().any(|line| !line.starts_with("    ") && line.contains("@all"))
        );
    }
}
