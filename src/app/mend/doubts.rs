//! Doubts about tests: those that nothing could build, and those that fail and ask for what the spec does not say.
//!
//! Tests that fail show that either they or the code are wrong. The model that wrote both is asked which, one test at a time, and
//! answers with a word: what is cheap comes first, and what the spec does ask for can then be held against the code.

use super::super::produce::{Call, Produced, Producer};
use super::super::prove::FileSet;
use super::places::{Place, places};
use super::{Case, Judged, MOST_ROUNDS, Progress, Standing};
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::language::cut::cut_out;
use crate::language::test_cases;
use crate::prompt;

impl Producer {
    /// Takes out tests that nothing could mend: those that cannot be built, which prove nothing, and those that fail and ask for
    /// what the spec does not say. What is left has to show every category and to pass every gate all the same, and the proposal
    /// says what was left out.
    pub(super) async fn leave_out_tests(
        &self,
        case: &Case<'_>,
        standing: &mut Standing,
        progress: &mut Progress,
        produced: &mut Produced,
    ) -> Result<Option<FileSet>, Failure> {
        // A compiler may stop at the first thing that is wrong.
        for _ in 0..MOST_ROUNDS {
            let (why, unwanted) = match standing.setback.refused_by {
                Some(Gate::Build | Gate::Lint) => ("they could not be built", self.unbuilt(standing)),
                Some(Gate::GeneratedTests) => (
                    "they failed, and the model found nothing of what they ask for in the spec",
                    self.unasked(case, standing, progress, produced).await?,
                ),
                _ => break,
            };
            let mut files = standing.setback.files.clone();
            for place in unwanted.iter().rev() {
                if let Some(text) = files.get_mut(&place.path) {
                    *text = cut_out(text, &place.item.whole);
                }
            }
            if files == standing.setback.files {
                break;
            }
            let names: Vec<String> = unwanted.iter().map(|place| format!("`{}`", place.item.name)).collect();
            let message = format!("tests were left out, since {why}: {}", names.join(", "));
            self.note(message.clone());
            let answer = standing.setback.answer.clone();
            let judged = self.judge(case.call, standing, files, &answer, produced).await?;
            if !matches!(judged, Judged::Worse) {
                produced.notes.push(message);
            }
            match judged {
                Judged::Passed(files) => return Ok(Some(files)),
                Judged::Better | Judged::Even => {}
                Judged::Worse => break,
            }
        }
        Ok(None)
    }

    /// The tests that the evidence points at.
    pub(super) fn blamed_tests(&self, standing: &Standing) -> Vec<Place> {
        places(&standing.setback, self.task.language)
            .into_iter()
            .filter(|place| self.is_test(standing, place))
            .collect()
    }

    /// The tests that cannot be built, where nothing else is at fault.
    fn unbuilt(&self, standing: &Standing) -> Vec<Place> {
        let all = places(&standing.setback, self.task.language);
        if all.iter().all(|place| self.is_test(standing, place)) { all } else { Vec::new() }
    }

    /// The failing tests that the model finds nothing of in the spec. Each is asked about once.
    async fn unasked(
        &self,
        case: &Case<'_>,
        standing: &Standing,
        progress: &mut Progress,
        produced: &mut Produced,
    ) -> Result<Vec<Place>, Failure> {
        let mut unasked = Vec::new();
        for place in self.blamed_tests(standing) {
            let text = standing.text_of(&place).to_owned();
            let doubtful = if let Some(doubtful) = progress.doubted.get(&text) {
                *doubtful
            } else {
                let doubtful = self.is_unasked(&progress.next(case.call), &text, produced).await?;
                progress.doubted.insert(text, doubtful);
                doubtful
            };
            if doubtful {
                unasked.push(place);
            }
        }
        Ok(unasked)
    }

    fn is_test(&self, standing: &Standing, place: &Place) -> bool {
        let text = standing.setback.files.get(&place.path).map_or("", String::as_str);
        let cases = test_cases::find(self.task.language, text);
        self.task.tests.contains(&place.path) && cases.iter().any(|case| case.name.ends_with(&place.item.name))
    }

    /// Whether the model finds nothing of what a failing test asks for in the spec.
    async fn is_unasked(&self, call: &Call, test: &str, produced: &mut Produced) -> Result<bool, Failure> {
        let question = prompt::doubt(self.task.language, &self.task.spec, test);
        let question =
            question.map_err(|error| Failure::new(Kind::Internal, "a question cannot be rendered").cause(error))?;
        let answered = self.ask(&Call { most: Some(4), ..call.clone() }, question.to_vec(), produced).await?;
        Ok(answered.text.trim_start().to_lowercase().starts_with("no"))
    }
}
