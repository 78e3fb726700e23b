//! Mending: between whole answers of a small model, questions about single items.
//!
//! A small model that is shown a long file and a diagnostic repeats the file. Shown one function with what was said about it,
//! it corrects the function. So each item that the evidence points at is asked about on its own, in a short conversation, and
//! the gates judge the result. It stands only when they get at least as far as before: what makes things worse is dropped.

mod declarations;
mod places;

use std::collections::BTreeSet;

use places::{Place, places, reach, untested};

use super::produce::{Call, Produced, Producer};
use super::prove::{FileSet, Proof};
use super::setback::Setback;
use crate::answer;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::gate::quick_fix;
use crate::language::Language;
use crate::language::cut::cut_out;
use crate::language::outline::{self, Item};
use crate::language::splice::{lifted, splice_at};
use crate::language::{syntax, test_cases};
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
    /// Mends files that a gate refused. `code` is the code of tests, and empty when the code itself is mended; `earlier` are what
    /// became of the attempts before.
    pub(super) async fn mend(
        &self,
        call: &Call,
        code: &FileSet,
        failed: Setback,
        earlier: &[Setback],
        produced: &mut Produced,
    ) -> Result<Mended, Failure> {
        let language = self.task.language;
        let mut standing = Standing { setback: failed, code: code.clone() };
        // What people changed is merged with whole answers; a mend could undo it.
        if !produced.edits.is_empty() {
            return Ok(Mended::Refused(standing.setback, standing.code));
        }
        if let Some(files) = self.fix_by_rule(call, &mut standing, produced).await? {
            return Ok(Mended::Passed(files));
        }
        // A large model mends whole files as well as single items, and in one call.
        if self.capability.mends == 0 {
            return Ok(Mended::Refused(standing.setback, standing.code));
        }
        if let Some(files) = self.take_from(earlier, call, &mut standing, produced).await? {
            return Ok(Mended::Passed(files));
        }
        let (mut number, mut asked) = (0, BTreeSet::new());
        loop {
            if let Some(files) =
                self.ask_for_declarations(call, &mut standing, &mut number, &mut asked, produced).await?
            {
                return Ok(Mended::Passed(files));
            }
            if let Some(files) = self.ask_about_places(call, &mut standing, &mut number, produced).await? {
                return Ok(Mended::Passed(files));
            }
            let before = reach(&standing.setback, language);
            if let Some(files) = self.leave_out_tests(call, &mut standing, &mut number, produced).await? {
                return Ok(Mended::Passed(files));
            }
            if number >= self.capability.mends || reach(&standing.setback, language) <= before {
                return Ok(Mended::Refused(standing.setback, standing.code));
            }
        }
    }

    /// Puts tests that passed in an earlier attempt in the place of those of the same name that fail in this one.
    async fn take_from(
        &self,
        earlier: &[Setback],
        call: &Call,
        standing: &mut Standing,
        produced: &mut Produced,
    ) -> Result<Option<FileSet>, Failure> {
        let language = self.task.language;
        for other in earlier {
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
            if let Judged::Passed(files) = self.judge(call, standing, files, &answer, produced).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// Asks about one place after the other, until all gates pass, or no answer brings anything new.
    async fn ask_about_places(
        &self,
        call: &Call,
        standing: &mut Standing,
        number: &mut u32,
        produced: &mut Produced,
    ) -> Result<Option<FileSet>, Failure> {
        let language = self.task.language;
        let mut misses = 0;
        while *number < self.capability.mends {
            let mut places = places(&standing.setback, language);
            if places.is_empty() {
                places.extend(untested(&standing.setback, language, &standing.code));
            }
            let mendable = standing.setback.is_mendable() && misses < MOST_MISSES * places.len();
            let Some(place) = places.get(misses % places.len().max(1)).filter(|_| mendable) else { break };
            *number += 1;
            let warmth = u32::try_from(misses / places.len()).unwrap_or(u32::MAX);
            let call = Call { mend: *number, warmth, ..call.clone() };
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
            let mut done = Vec::new();
            for (path, text) in &mut files {
                let output = &standing.setback.evidence;
                if let Some(fixed) = quick_fix::fix(self.task.language, path.as_str(), text, output) {
                    *text = fixed.text;
                    done.extend(fixed.done);
                }
            }
            if call.role == Role::Tests {
                done.extend(self.import_declared(standing, &mut files));
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

    /// Takes out tests that nothing could mend: those that cannot be built, which prove nothing, and those that fail and ask for
    /// what the spec does not say. What is left has to show every category and to pass every gate all the same, and the proposal
    /// says what was left out.
    async fn leave_out_tests(
        &self,
        call: &Call,
        standing: &mut Standing,
        number: &mut u32,
        produced: &mut Produced,
    ) -> Result<Option<FileSet>, Failure> {
        let language = self.task.language;
        // A compiler may stop at the first thing that is wrong.
        for _ in 0..MOST_ROUNDS {
            let why = match standing.setback.refused_by {
                Some(Gate::Build | Gate::Lint) => "they could not be built",
                Some(Gate::GeneratedTests) => {
                    "they failed, and the model found nothing of what they ask for in the spec"
                }
                _ => break,
            };
            let is_test = |place: &Place| {
                let text = standing.setback.files.get(&place.path).map_or("", String::as_str);
                let cases = test_cases::find(language, text);
                self.task.tests.contains(&place.path) && cases.iter().any(|case| case.name.ends_with(&place.item.name))
            };
            let mut places = places(&standing.setback, language);
            if call.role != Role::Tests || places.is_empty() || !places.iter().all(is_test) {
                break;
            }
            if standing.setback.refused_by == Some(Gate::GeneratedTests) {
                let mut unasked = Vec::new();
                for place in places {
                    *number += 1;
                    let call = Call { mend: *number, ..call.clone() };
                    if self.is_unasked(&call, &place, standing, produced).await? {
                        unasked.push(place);
                    }
                }
                places = unasked;
            }
            let mut files = standing.setback.files.clone();
            for place in places.iter().rev() {
                if let Some(text) = files.get_mut(&place.path) {
                    *text = cut_out(text, &place.item.whole);
                }
            }
            if files == standing.setback.files {
                break;
            }
            let names: Vec<String> = places.iter().map(|place| format!("`{}`", place.item.name)).collect();
            let message = format!("tests were left out, since {why}: {}", names.join(", "));
            self.note(message.clone());
            let answer = standing.setback.answer.clone();
            let judged = self.judge(call, standing, files, &answer, produced).await?;
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

    /// Whether the model finds nothing of what a failing test asks for in the spec.
    async fn is_unasked(
        &self,
        call: &Call,
        place: &Place,
        standing: &Standing,
        produced: &mut Produced,
    ) -> Result<bool, Failure> {
        let text = standing.setback.files.get(&place.path).map_or("", String::as_str);
        let item = text.get(place.item.whole.clone()).unwrap_or_default();
        let question = prompt::doubt(self.task.language, &self.task.spec, item);
        let question =
            question.map_err(|error| Failure::new(Kind::Internal, "a question cannot be rendered").cause(error))?;
        let answered = self.ask(&Call { most: Some(4), ..call.clone() }, question.to_vec(), produced).await?;
        Ok(answered.text.trim_start().to_lowercase().starts_with("no"))
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
        let wanted = match (standing.refused_by, tests) {
            (Some(Gate::Coverage | Gate::Mutation), Some(tests)) => Wanted::Test(tests.as_str()),
            (Some(Gate::TestQuality), Some(tests)) if self.task.code.contains(&place.path) => {
                Wanted::Test(tests.as_str())
            }
            // What was repeated once is repeated again: every other time the model does not see what it wrote.
            _ if is_function && call.warmth % 2 == 1 => Wanted::Anew,
            (Some(Gate::GeneratedTests), Some(_)) => Wanted::Either,
            _ => Wanted::Item,
        };
        let said = standing.said_about(place);
        let own = lifted(text, &place.item.whole);
        let shown = if wanted == Wanted::Anew { syntax::interface(language, &own) } else { own.clone() };
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
        let spec = self.task.spec.id.to_string();
        let stage = format!("mending `{}` ({} of {})", place.item.name, call.mend, self.capability.mends);
        self.reporter.report(&Event::Stage { spec, stage });
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
        if is_test || wanted != Wanted::Item {
            let code = code.iter().map(|(path, text)| standing.files.get_key_value(path).unwrap_or((path, text)));
            shown.extend(code.map(|(path, text)| prompt::fence(&format!("file {path}"), text)));
        }
        let whole = if let Wanted::Test(_) = wanted { self.task.tests.first() } else { Some(&place.path) };
        if let Some((path, text)) = whole.and_then(|path| standing.files.get_key_value(path))
            && (shown.is_empty() || !self.task.code.contains(path))
        {
            shown.push(prompt::fence(&format!("declarations of {path}"), &syntax::interface(language, text)));
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
