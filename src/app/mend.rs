//! Mending: between whole answers of a small model, questions about single items.
//!
//! A small model that is shown a long file and a diagnostic repeats the file. Shown one function with what was said about it,
//! it corrects the function. So each item that the evidence points at is asked about on its own, in a short conversation, and
//! the gates judge the result. It stands only when they get at least as far as before: what makes things worse is dropped.

mod declarations;
mod doubts;
mod places;
mod redraw;

use std::collections::{BTreeMap, BTreeSet};

use places::{Place, places, reach, untested};

use super::produce::{Call, Produced, Producer};
use super::prompts::Questions;
use super::prove::{FileSet, Proof};
use super::setback::Setback;
use crate::answer;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::gate::quick_fix;
use crate::language::Language;
use crate::language::outline::{self, Item};
use crate::language::splice::{lifted, lifted_from, splice_at};
use crate::language::syntax;
use crate::path::RepoPath;
use crate::port::{Completion, Role};
use crate::prompt::{self, Message, Speaker, Wanted};

/// Tokens that an answer may have beyond twice those of its item.
const SPARE_TOKENS: u32 = 200;

/// Answers about each place that brought nothing, until the places are given up.
const MOST_MISSES: usize = 4;
/// Rounds of fixes by rule: one that takes out a name may leave another that nothing uses.
const MOST_ROUNDS: u32 = 4;

/// What mending came to.
pub(super) enum Mended {
    /// Every gate passed.
    Passed(FileSet),
    /// The best that was reached, and the code of it that passed on its own.
    Refused(Setback, FileSet),
}

/// How the answer begins: the fence, and where the item itself is wanted its comments and its first line.
fn begun(language: Language, wanted: Wanted<'_>, text: &str, item: &Item) -> String {
    let fence = format!("```{}\n", language.id());
    let core = text.get(item.core.clone()).unwrap_or_default();
    let first = core.lines().next().unwrap_or_default();
    // A signature that goes over several lines, or a body on the same line, may be what is wrong.
    let opens = first.ends_with('{') || (language == Language::Python && first.ends_with(':'));
    if matches!(wanted, Wanted::Item | Wanted::Anew) && item.kind == outline::Kind::Function && opens {
        let whole = lifted(text, &(item.whole.start..item.core.start + first.len()));
        format!("{fence}{whole}\n")
    } else {
        fence
    }
}

/// The best that was reached so far.
struct Standing {
    /// What refuses it.
    setback: Setback,
    /// The code that tests are for; empty when the code itself is mended.
    code: FileSet,
}

impl Standing {
    /// The text of a place.
    fn text_of(&self, place: &Place) -> &str {
        let text = self.setback.files.get(&place.path).map_or("", String::as_str);
        text.get(place.item.whole.clone()).unwrap_or_default()
    }
}

/// What is mended.
pub(super) struct Case<'a> {
    /// The call whose answer a gate refused.
    pub(super) call: &'a Call,
    /// The questions of the task.
    pub(super) questions: &'a Questions<'a>,
    /// What became of the attempts before.
    pub(super) earlier: &'a [Setback],
}

/// What was asked so far, so that nothing is asked twice.
#[derive(Default)]
struct Progress {
    /// Questions about items.
    number: u32,
    /// Declarations that were asked for.
    declared: BTreeSet<(RepoPath, String)>,
    /// Tests as they stood, and whether the model finds nothing of them in the spec.
    doubted: BTreeMap<String, bool>,
    /// Functions and the test that spoke against them, with the text that was last asked about and how often one was.
    suspected: BTreeMap<(String, String), (String, u32)>,
}

impl Progress {
    /// The call of the next question.
    fn next(&mut self, call: &Call) -> Call {
        self.number += 1;
        Call { mend: self.number, ..call.clone() }
    }

    /// Whether `most` questions were asked. Those that are answered with a word do not count.
    fn is_spent(&self, most: u32) -> bool {
        self.number.saturating_sub(u32::try_from(self.doubted.len()).unwrap_or(u32::MAX)) >= most
    }
}

/// How changed files did beside those that stand.
enum Judged {
    /// Every gate passed.
    Passed(FileSet),
    /// The gates got further.
    Better,
    /// As far.
    Even,
    /// Not as far: they were dropped.
    Worse,
}

impl Producer {
    /// Mends files that a gate refused. `code` is the code of tests, and empty when the code itself is mended.
    pub(super) async fn mend(
        &self,
        case: &Case<'_>,
        code: &FileSet,
        failed: Setback,
        produced: &mut Produced,
    ) -> Result<Mended, Failure> {
        let mut standing = Standing { setback: failed, code: code.clone() };
        Ok(match self.mended(case, &mut standing, produced).await? {
            Some(files) => Mended::Passed(files),
            None => Mended::Refused(standing.setback, standing.code),
        })
    }

    /// The files once every gate passed, else None with the best that was reached in `standing`.
    async fn mended(
        &self,
        case: &Case<'_>,
        standing: &mut Standing,
        produced: &mut Produced,
    ) -> Result<Option<FileSet>, Failure> {
        let language = self.task.language;
        // What people changed is merged with whole answers; a mend could undo it.
        if !produced.edits.is_empty() {
            return Ok(None);
        }
        if let Some(files) = self.fix_by_rule(case.call, standing, produced).await? {
            return Ok(Some(files));
        }
        // A large model mends whole files as well as single items, and in one call.
        if self.capability.mends == 0 {
            return Ok(None);
        }
        if let Some(files) = self.take_from(case, standing, produced).await? {
            return Ok(Some(files));
        }
        let mut progress = Progress::default();
        loop {
            if let Some(files) = self.ask_for_declarations(case, standing, &mut progress, produced).await? {
                return Ok(Some(files));
            }
            if case.call.role == Role::Tests && standing.setback.refused_by == Some(Gate::GeneratedTests) {
                if let Some(files) = self.leave_out_tests(case, standing, &mut progress, produced).await? {
                    return Ok(Some(files));
                }
                if let Some(files) = self.ask_about_functions(case, standing, &mut progress, produced).await? {
                    return Ok(Some(files));
                }
            }
            if let Some(files) = self.ask_about_places(case, standing, &mut progress, produced).await? {
                return Ok(Some(files));
            }
            let before = reach(&standing.setback, language);
            if case.call.role == Role::Tests {
                if let Some(files) = self.leave_out_tests(case, standing, &mut progress, produced).await? {
                    return Ok(Some(files));
                }
                if let Some(files) = self.draw_code_again(case, standing, produced).await? {
                    return Ok(Some(files));
                }
            }
            if progress.is_spent(self.capability.mends) || reach(&standing.setback, language) <= before {
                return Ok(None);
            }
        }
    }

    /// Puts tests that passed in an earlier attempt in the place of those of the same name that fail in this one.
    async fn take_from(
        &self,
        case: &Case<'_>,
        standing: &mut Standing,
        produced: &mut Produced,
    ) -> Result<Option<FileSet>, Failure> {
        let language = self.task.language;
        for other in case.earlier {
            let mut files = standing.setback.files.clone();
            let mut taken = Vec::new();
            // The last place first, so that those before it stay where they are.
            for place in places(&standing.setback, language).iter().rev() {
                let same = |item: &Item| item.key == place.item.key;
                let failed = places(other, language).iter().any(|place| same(&place.item));
                let text = other.files.get(&place.path).map_or("", String::as_str);
                let found = outline::all_items(language, text).into_iter().find(same).filter(|_| !failed);
                let own = files.get_mut(&place.path).filter(|_| self.task.tests.contains(&place.path));
                if let (Some(found), Some(own)) = (found, own)
                    && let Ok(spliced) = splice_at(language, own, &place.item, &lifted(text, &found.whole))
                {
                    *own = spliced;
                    taken.push(format!("`{}`", place.item.name));
                }
            }
            if taken.is_empty() {
                continue;
            }
            self.note(format!("taken from an earlier attempt, where they passed: {}", taken.join(", ")));
            let answer = standing.setback.answer.clone();
            if let Judged::Passed(files) = self.judge(case.call, standing, files, &answer, produced).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// Asks about one place after the other, until all gates pass, or no answer brings anything new.
    async fn ask_about_places(
        &self,
        case: &Case<'_>,
        standing: &mut Standing,
        progress: &mut Progress,
        produced: &mut Produced,
    ) -> Result<Option<FileSet>, Failure> {
        let language = self.task.language;
        let mut misses = 0;
        while !progress.is_spent(self.capability.mends) {
            let mut places = places(&standing.setback, language);
            if places.is_empty() {
                places.extend(untested(&standing.setback, language, &standing.code));
            }
            let mendable = standing.setback.is_mendable() && misses < MOST_MISSES * places.len();
            let Some(place) = places.get(misses % places.len().max(1)).filter(|_| mendable) else { break };
            let warmth = u32::try_from(misses / places.len()).unwrap_or(u32::MAX);
            let call = Call { warmth, ..progress.next(case.call) };
            let Some((answered, files)) = self.ask_about(&call, place, standing, produced).await? else {
                misses += 1;
                continue;
            };
            match self.judge(&call, standing, files, &answered.text, produced).await? {
                Judged::Passed(files) => return Ok(Some(files)),
                Judged::Better => misses = 0,
                Judged::Even | Judged::Worse => misses += 1,
            }
            if let Some(files) = self.fix_by_rule(&call, standing, produced).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// Proves changed files, and lets them stand unless the gates get less far than before.
    async fn judge(
        &self,
        call: &Call,
        standing: &mut Standing,
        files: FileSet,
        answer: &str,
        produced: &mut Produced,
    ) -> Result<Judged, Failure> {
        let (proof, proven) = self.prove_mended(call, &files, &standing.code).await?;
        let Some(mut now) = Setback::of(answer, &proof) else {
            Self::take_over(produced, &proof);
            return Ok(Judged::Passed(proof.files));
        };
        // A proof of the code alone leaves the tests as they were.
        now.files = files.into_iter().chain(proof.files.clone()).collect();
        let language = self.task.language;
        let compared = reach(&now, language).cmp(&reach(&standing.setback, language));
        if compared.is_lt() {
            return Ok(Judged::Worse);
        }
        Self::take_over(produced, &proof);
        standing.setback = now;
        if let Some(proven) = proven {
            standing.code = proven;
        }
        Ok(if compared.is_gt() { Judged::Better } else { Judged::Even })
    }

    /// Mends by rule what a rule can mend. The files, when that was all.
    async fn fix_by_rule(
        &self,
        call: &Call,
        standing: &mut Standing,
        produced: &mut Produced,
    ) -> Result<Option<FileSet>, Failure> {
        for _ in 0..MOST_ROUNDS {
            if !standing.setback.is_mendable() {
                break;
            }
            let mut files = standing.setback.files.clone();
            let is_of_tests = call.role == Role::Tests;
            // Lines that come or go make those of other findings wrong, so what adds one comes alone.
            let mut done = if is_of_tests { self.declare_as_elsewhere(standing, &mut files) } else { Vec::new() };
            if done.is_empty() {
                for (path, text) in &mut files {
                    let output = &standing.setback.evidence;
                    if let Some(fixed) = quick_fix::fix(self.task.language, path.as_str(), text, output) {
                        *text = fixed.text;
                        done.extend(fixed.done);
                    }
                }
                if is_of_tests {
                    done.extend(self.import_declared(standing, &mut files));
                }
            }
            if done.is_empty() {
                break;
            }
            self.note(format!("mended by rule: {}", done.join("; ")));
            let answer = standing.setback.answer.clone();
            match self.judge(call, standing, files, &answer, produced).await? {
                Judged::Passed(files) => return Ok(Some(files)),
                Judged::Better | Judged::Even => {}
                Judged::Worse => break,
            }
        }
        Ok(None)
    }

    fn stage(&self, stage: String) {
        self.reporter.report(&Event::Stage { spec: self.task.spec.id.to_string(), stage });
    }

    fn note(&self, message: String) {
        self.reporter.report(&Event::Notice { spec: Some(self.task.spec.id.to_string()), message });
    }

    /// Asks about one place. None when the answer cannot be used.
    async fn ask_about(
        &self,
        call: &Call,
        place: &Place,
        standing: &Standing,
        produced: &mut Produced,
    ) -> Result<Option<(Completion, FileSet)>, Failure> {
        let language = self.task.language;
        let (standing, code) = (&standing.setback, &standing.code);
        let text = standing.files.get(&place.path).map_or("", String::as_str);
        let tests = self.task.tests.first().filter(|_| call.role == Role::Tests);
        let is_function = place.item.kind == outline::Kind::Function;
        let again = call.warmth % 2 == 1;
        let wanted = match (standing.refused_by, tests) {
            (Some(Gate::Coverage | Gate::Mutation), Some(tests)) => Wanted::Test(tests.as_str()),
            (Some(Gate::TestQuality), Some(tests)) if self.task.code.contains(&place.path) => {
                Wanted::Test(tests.as_str())
            }
            // A model that sees what it wrote repeats it, so it sees it every other time only.
            _ if let Some(witness) = &place.witness => {
                if witness.anew {
                    Wanted::Anew
                } else {
                    Wanted::Item
                }
            }
            (Some(Gate::GeneratedTests), Some(_)) if is_function && !again => Wanted::Anew,
            (Some(Gate::GeneratedTests), Some(_)) => Wanted::Either,
            _ if is_function && again => Wanted::Anew,
            _ => Wanted::Item,
        };
        let said = standing.said_about(place);
        let own = lifted(text, &place.item.whole);
        let shown = if wanted == Wanted::Anew {
            let whole = &place.item.whole;
            lifted_from(text, whole.start, &syntax::interface_of(language, text, whole))
        } else {
            own.clone()
        };
        let wound = prompt::Wound {
            wanted,
            path: place.path.as_str(),
            name: &place.item.name,
            item: &shown,
            gate: &standing.gate,
            evidence: &said,
        };
        let question = prompt::mend(language, &self.task.spec, &self.to_read(place, standing, code, wanted), &wound);
        let question = question.map_err(|error| {
            Failure::new(Kind::Internal, "the question about an item cannot be rendered").cause(error)
        })?;
        let begun = match standing.missing_tag().filter(|_| matches!(wanted, Wanted::Test(_))) {
            Some(tag) => {
                let comment = if language == Language::Python { "#" } else { "//" };
                format!("```{}\n{comment} {tag}", language.id())
            }
            None => begun(language, wanted, text, &place.item),
        };
        let item_tokens = u32::try_from(prompt::estimate_tokens(&own)).unwrap_or(u32::MAX);
        let most = item_tokens.saturating_mul(2).saturating_add(SPARE_TOKENS);
        self.stage(format!("mending `{}` (question {})", place.item.name, call.mend));
        let call = Call { most: Some(most), ..call.clone() };
        let answered = self.ask_begun(&call, question.to_vec(), begun, produced).await?;
        // One more test goes to the tests, and nothing else.
        let is_more = matches!(wanted, Wanted::Test(_));
        let may = |path: &&RepoPath| !is_more || self.task.tests.contains(path);
        let wanted: Vec<RepoPath> = standing.files.keys().filter(may).cloned().collect();
        let asked = (!is_more).then_some((&place.path, &place.item));
        let files = match answer::parse_items(&answered.text, language, &wanted, &standing.files, asked) {
            Ok(files) => files,
            Err(problem) => {
                self.note(format!("the answer about `{}` cannot be used: {problem}", place.item.name));
                return Ok(None);
            }
        };
        let mut all = standing.files.clone();
        all.extend(files.into_iter().map(|file| (file.path, file.text)));
        Ok(Some((answered, self.without_leaks(all))))
    }

    /// Asks with the answer begun, where the model goes on with what was begun.
    async fn ask_begun(
        &self,
        call: &Call,
        mut messages: Vec<Message>,
        begun: String,
        produced: &mut Produced,
    ) -> Result<Completion, Failure> {
        if self.model.card().continues {
            messages.push(Message::new(Speaker::Assistant, begun.clone()));
        }
        let mut answered = self.ask(call, messages, produced).await?;
        // An answer that was begun for the model comes without its beginning, also from a recording.
        let fences = answered.text.lines().filter(|line| line.trim_start().starts_with("```")).count();
        if fences % 2 == 1 {
            answered.text = begun + &answered.text;
        }
        Ok(answered)
    }

    /// What the model has to know beside the item: the declarations of its file, and for tests the code under test.
    fn to_read(&self, place: &Place, standing: &Setback, code: &FileSet, wanted: Wanted<'_>) -> Vec<String> {
        let language = self.task.language;
        let is_test = self.task.tests.contains(&place.path);
        let mut shown: Vec<String> = Vec::new();
        if is_test || !matches!(wanted, Wanted::Item | Wanted::Anew) {
            let code = code.iter().map(|(path, text)| standing.files.get_key_value(path).unwrap_or((path, text)));
            shown.extend(code.map(|(path, text)| prompt::fence(&format!("file {path}"), text)));
        }
        let whole = if let Wanted::Test(_) = wanted { self.task.tests.first() } else { Some(&place.path) };
        if let Some((path, text)) = whole.and_then(|path| standing.files.get_key_value(path))
            && (shown.is_empty() || !self.task.code.contains(path))
        {
            // What is written anew needs to see how its neighbours do it: their fields, their helpers.
            let (title, seen) = if wanted == Wanted::Anew {
                ("file", syntax::without_body(language, text, &place.item.whole))
            } else {
                ("declarations of", syntax::interface(language, text))
            };
            shown.push(prompt::fence(&format!("{title} {path}"), &seen));
        }
        shown
    }

    /// Proves mended files: the code first when it changed, then the tests. The second value is code that passed on its own.
    async fn prove_mended(
        &self,
        call: &Call,
        files: &FileSet,
        code: &FileSet,
    ) -> Result<(Proof, Option<FileSet>), Failure> {
        let own = |path: &RepoPath| self.task.code.contains(path);
        let (new_code, tests): (FileSet, FileSet) = files.clone().into_iter().partition(|(path, _)| own(path));
        if call.role == Role::Code {
            return Ok((self.prover.prove_code(&new_code, &self.on_gate(call)).await?, None));
        }
        let mut proven = None;
        let mut rules = Vec::new();
        if new_code != *code {
            let proof =
                self.prover.prove_code(&new_code, &self.on_gate(&Call { role: Role::Code, ..call.clone() })).await?;
            if proof.verdict.failure().is_some() {
                return Ok((proof, None));
            }
            rules.clone_from(&proof.rules);
            proven = Some(proof.files);
        }
        let mut proof = self.prover.prove_tests(proven.as_ref().unwrap_or(code), &tests, &self.on_gate(call)).await?;
        proof.rules = rules;
        Ok((proof, proven))
    }
}
