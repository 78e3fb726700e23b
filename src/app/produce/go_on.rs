//! Going on with tests that broke off.
//!
//! A small model that falls into writing the same lines again and again, or comes to the end of its space, has more to say. What is whole of its
//! answer is begun once more, with the heading of the test that comes next in the example, and the model goes on from there. The
//! conversation is read already, so that this costs what is written.

use super::{Call, Produced, Producer};
use crate::answer::{self, Form};
use crate::app::counterpart::Heading;
use crate::app::prompts::Questions;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::language::outline::outline;
use crate::language::{Language, test_cases};
use crate::path::RepoPath;
use crate::port::{Completion, Finish, Role};
use crate::prompt::{Message, Speaker, conversation_tokens};

/// Times that one answer is gone on with.
const MOST: u32 = 4;
/// Tokens that are left for what is written, at the least.
const LEAST_ROOM: u64 = 512;

impl Producer {
    /// An answer with what the model writes where it goes on with it; as it is, where it is whole or the model cannot.
    pub(super) async fn gone_on(
        &self,
        call: &Call,
        (messages, questions): (&[Message], &Questions<'_>),
        mut answered: Completion,
        produced: &mut Produced,
    ) -> Result<Completion, Failure> {
        let [path] = &self.task.tests[..] else { return Ok(answered) };
        let fits = call.role == Role::Tests && self.form == Form::Fenced && is_broken_off(&answered);
        if !fits || self.capability.mends == 0 || !self.model.card().continues {
            return Ok(answered);
        }
        let language = self.task.language;
        let headings = questions.headings_of_tests();
        let mut come_to = answered.text.clone();
        for number in 1..=MOST {
            let Some(whole) = whole_of(&answered, language, path).filter(|_| is_broken_off(&answered)) else { break };
            let Some(heading) = next(&headings, &come_to).filter(|_| is_flat(language, &whole)) else { break };
            let gap = if language == Language::Python { "\n\n\n" } else { "\n\n" };
            let begun = format!("{path}\n```{}\n{}{gap}{}\n", language.id(), whole.trim_end(), heading.comment);
            let mut messages = messages.to_vec();
            messages.push(Message::new(Speaker::Assistant, begun.clone()));
            if conversation_tokens(&messages) + LEAST_ROOM > u64::from(self.capability.context) {
                break;
            }
            let title = heading.comment.trim_start_matches(['#', '/', ' ']);
            let stage = format!("going on with the tests at `{title}`");
            self.reporter.report(&Event::Stage { spec: self.task.spec.id.to_string(), stage });
            produced.questions = number;
            let more = match self.ask(&Call { mend: number, ..call.clone() }, messages, produced).await {
                Ok(more) => more,
                // What there is may be enough.
                Err(failure) if failure.kind == Kind::Budget => break,
                Err(failure) => return Err(failure),
            };
            let more = Completion { text: begun + &more.text, ..more };
            come_to.push_str(&more.text);
            let tests = |text: &str| test_cases::find(language, text).len();
            let brings = whole_of(&more, language, path).is_some_and(|longer| tests(&longer) > tests(&whole));
            if brings {
                answered = more;
            } else if !is_broken_off(&more) {
                break;
            }
        }
        Ok(answered)
    }
}

fn is_broken_off(answered: &Completion) -> bool {
    matches!(answered.finish, Finish::Length | Finish::Repetition)
}

/// The file of an answer, as far as it is whole.
fn whole_of(answered: &Completion, language: Language, path: &RepoPath) -> Option<String> {
    let wanted = std::slice::from_ref(path);
    let files = match answered.finish {
        Finish::Length | Finish::Repetition => answer::parse_broken_off(&answered.text, language, wanted),
        Finish::Stop => answer::parse(&answered.text, Form::Fenced, wanted, false).ok(),
        Finish::ContentFilter | Finish::ToolCall | Finish::Refusal(_) => None,
    };
    files?.into_iter().next().map(|file| file.text)
}

/// The heading behind the last one that a text has come to.
fn next<'h>(headings: &'h [Heading], text: &str) -> Option<&'h Heading> {
    let last = headings.iter().rposition(|heading| heading.is_in(text))?;
    headings.get(last + 1)
}

/// Whether every test of a text stands for itself, so that one more may follow at its end.
fn is_flat(language: Language, text: &str) -> bool {
    let outline = outline(language, text);
    test_cases::find(language, text).iter().all(|case| outline.iter().any(|item| item.name == case.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTS: &str = "from shop.note import Note\n\n\n# happy path: a note is kept.\ndef test_keep() -> None:\n    assert Note(1).id == 1\n";
    const ROWS: &str = "\n\n# error: a value outside its limits is refused.\n@pytest.mark.parametrize(\n    \"id\",\n    [\n        0,\n        0,\n";

    fn headings() -> Vec<Heading> {
        let heading = |name: &str, comment: &str| Heading { name: name.to_owned(), comment: comment.to_owned() };
        vec![
            heading("test_early", "# happy path: a note is early."),
            heading("test_keep", "# happy path: a note is kept."),
            heading("test_limits", "# error: a value outside its limits is refused."),
            heading("test_direct", "# error: a note that is created directly is held to the same limits."),
        ]
    }

    fn whole(text: &str, finish: Finish) -> Option<String> {
        let path = RepoPath::parse("tests/test_note.py").unwrap();
        let answered = Completion { finish, ..Completion::whole(format!("tests/test_note.py\n```python\n{text}")) };
        whole_of(&answered, Language::Python, &path)
    }

    #[test]
    fn an_answer_is_gone_on_with_behind_what_it_has_come_to() {
        let broken = format!("{TESTS}{ROWS}");
        assert_eq!(whole(&broken, Finish::Repetition).as_deref(), Some(TESTS));
        let headings = headings();
        assert_eq!(next(&headings, &broken), headings.last(), "what broke off, and what was passed over, is not begun");
        assert_eq!(next(&headings, TESTS), headings.get(2));
        let all = format!("{broken}# error: a note that is created directly is held to the same limits.\n");
        assert_eq!(next(&headings, &all), None);
        assert_eq!(next(&headings, "tests of its own"), None, "it does not follow the example");
    }

    #[test]
    fn what_ended_by_itself_is_whole_as_it_is() {
        assert_eq!(whole(&format!("{TESTS}```\n"), Finish::Stop).as_deref(), Some(TESTS));
        assert_eq!(whole(TESTS, Finish::Stop), None, "a fence is left open");
        assert_eq!(whole(TESTS, Finish::Refusal("no".to_owned())), None);
    }

    #[test]
    fn tests_in_a_class_are_not_gone_on_with_behind_it() {
        assert!(is_flat(Language::Python, TESTS));
        let class = "class TestNote:\n    def test_keep(self) -> None:\n        assert Note(1).id == 1\n";
        assert!(!is_flat(Language::Python, class));
    }
}
