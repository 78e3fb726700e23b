//! Going on with tests that broke off, or ended long before the example did.
//!
//! A small model that falls into writing the same lines again and again has more to say. What is whole of its answer is begun once more,
//! with the heading of the next test of the example that it has not come to, and the model goes on from there. The conversation is
//! read already, so that this costs what is written.

use std::collections::BTreeSet;

use super::{Call, Produced, Producer};
use crate::answer::{self, Form};
use crate::app::counterpart::Heading;
use crate::app::prompts::Questions;
use crate::event::Event;
use crate::failure::Failure;
use crate::language::Language;
use crate::path::RepoPath;
use crate::port::{Completion, Finish, Role};
use crate::prompt::{Message, Speaker};

/// Times that one answer is gone on with.
const MOST: u32 = 4;

impl Producer {
    /// An answer with what the model writes where it goes on with it; as it is, where it is whole or the model cannot.
    pub(super) async fn gone_on(
        &self,
        call: &Call,
        (messages, questions): (&[Message], &Questions<'_>),
        mut answered: Completion,
        produced: &mut Produced,
    ) -> Result<Completion, Failure> {
        let fits = call.role == Role::Tests && self.form == Form::Fenced && self.task.tests.len() == 1;
        if !fits || self.capability.mends == 0 || !self.model.card().continues {
            return Ok(answered);
        }
        let headings = questions.headings_of_tests();
        let mut begun_at = BTreeSet::new();
        for number in 1..=MOST {
            let Some((path, whole)) = unfinished(&answered, self.task.language, &self.task.tests, &headings) else {
                break;
            };
            let open = headings.iter().find(|heading| !heading.is_in(&answered.text) && begun_at.insert(*heading));
            let Some(heading) = open else { break };
            let title = heading.comment.lines().next().unwrap_or_default();
            let stage = format!("going on with the tests at `{}`", title.trim_start_matches(['#', '/', ' ']));
            self.reporter.report(&Event::Stage { spec: self.task.spec.id.to_string(), stage });
            let gap = if self.task.language == Language::Python { "\n\n\n" } else { "\n\n" };
            let begun =
                format!("{path}\n```{}\n{}{gap}{}\n", self.task.language.id(), whole.trim_end(), heading.comment);
            let mut messages = messages.to_vec();
            messages.push(Message::new(Speaker::Assistant, begun.clone()));
            produced.questions = number;
            let next = Call { mend: number, ..call.clone() };
            answered = self.ask(&next, messages, produced).await?;
            answered.text = begun + &answered.text;
        }
        Ok(answered)
    }
}

/// The file of an answer that ended too soon, as far as it is whole: one that broke off, or has come to less than half of what the example
/// tests.
fn unfinished(
    answered: &Completion,
    language: Language,
    tests: &[RepoPath],
    headings: &[Heading],
) -> Option<(RepoPath, String)> {
    let files = match answered.finish {
        Finish::Length | Finish::Repetition => answer::parse_broken_off(&answered.text, language, tests),
        Finish::Stop => {
            let come_to = headings.iter().filter(|heading| heading.is_in(&answered.text)).count();
            let files =
                (come_to * 2 < headings.len()).then(|| answer::parse(&answered.text, Form::Fenced, tests, false));
            files.and_then(Result::ok)
        }
        Finish::ContentFilter | Finish::ToolCall | Finish::Refusal(_) => None,
    };
    files?.into_iter().next().map(|file| (file.path, file.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTS: &str = "from shop.note import Note\n\n\n# happy path: a note is kept.\ndef test_keep() -> None:\n    assert Note(1).id == 1\n";

    fn headings() -> Vec<Heading> {
        let heading = |name: &str, comment: &str| Heading { name: name.to_owned(), comment: comment.to_owned() };
        vec![
            heading("test_keep", "# happy path: a note is kept."),
            heading("test_limits", "# error: a value outside its limits is refused."),
            heading("test_direct", "# error: a note that is created directly is held to the same limits."),
        ]
    }

    fn answer(text: &str, finish: Finish) -> Completion {
        Completion { finish, ..Completion::whole(format!("tests/test_note.py\n```python\n{text}")) }
    }

    fn left(answered: &Completion) -> Option<String> {
        let path = RepoPath::parse("tests/test_note.py").unwrap();
        unfinished(answered, Language::Python, &[path], &headings()).map(|(_, whole)| whole)
    }

    #[test]
    fn what_is_whole_of_an_answer_that_broke_off_is_gone_on_with() {
        let rows = "\n\n# error: a value outside its limits is refused.\n@pytest.mark.parametrize(\n    \"id\",\n    [\n        0,\n        0,\n";
        let broken = answer(&format!("{TESTS}{rows}"), Finish::Repetition);
        assert_eq!(left(&broken).as_deref(), Some(TESTS));
        let open: Vec<Heading> = headings().into_iter().filter(|heading| !heading.is_in(&broken.text)).collect();
        assert_eq!(open, headings()[2..], "what broke off is not begun again");
    }

    #[test]
    fn an_answer_that_ended_by_itself_is_gone_on_with_where_it_has_come_to_less_than_half() {
        let short = answer(&format!("{TESTS}```\n"), Finish::Stop);
        assert_eq!(left(&short).as_deref(), Some(TESTS));
        let more = format!("{TESTS}\n\ndef test_limits() -> None:\n    assert Note(2).id == 2\n```\n");
        assert_eq!(left(&answer(&more, Finish::Stop)), None);
        assert_eq!(left(&answer("", Finish::Refusal("no".to_owned()))), None);
    }
}
