//! Code that leaves out what the spec names: the function that the sentence is most likely about is asked for again; what it sorts by is turned
//! round by rule. One that has a limit which the spec does not name is asked for without it.
//!
//! No gate refuses such code. Drawn again as a whole it forgets something else; the one function is a shorter question.

use std::collections::{BTreeMap, BTreeSet};

use super::super::produce::{Call, Produced, Producer};
use super::super::prove::{FileSet, Proof};
use super::places::{Place, Witness};
use super::question::Asked;
use super::standing::{Progress, Standing};
use super::{Case, MOST_ROUNDS, Mending};
use crate::app::made_up::made_up;
use crate::app::named::{is_call, is_error_of, left_out};
use crate::app::ranges;
use crate::app::setback::Setback;
use crate::app::{defaults, descending};
use crate::failure::Failure;
use crate::language::limits::Limit;
use crate::language::outline::{Kind, all_items};
use crate::language::sorted::highest_first;
use crate::path::RepoPath;
use crate::relevance::{has_words, relevance, words};
use crate::text::{has_word, names_in, places_of, sentences};

/// Times that is asked for the same thing.
const MOST_TIMES: u32 = 2;
/// Functions that are asked about one error.
const MOST_FUNCTIONS: usize = 3;
/// Words of functions that read an input.
const OF_INPUT: &str = "read parse decode body input json request";
/// Words in the names of errors that say nothing of what they are about.
const OF_ERRORS: [&str; 5] = ["err", "error", "errors", "exception", "invalid"];

/// What rules made of a version.
enum Version {
    /// It passes the gates of code, with what was done.
    Passes(Box<Proof>, Vec<String>),
    /// An import went, beside what else was done.
    Loses(FileSet, Vec<String>),
    /// Rules cannot mend it.
    Fails,
}

/// Whether imports that nothing uses any more may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Imports {
    Kept,
    Lost,
}

impl Producer {
    /// Asks, for each thing that the spec names and code which passes its gates leaves out, about one function, and for each limit that is made
    /// up about one that has it. The code with the most of the first and the fewest of the second, which passes as well.
    pub(in crate::app) async fn mend_differences(
        &self,
        case: Case<'_>,
        passed: Setback,
        produced: &mut Produced,
    ) -> Result<FileSet, Failure> {
        let standing = Standing { code: passed.files.clone(), setback: passed };
        // A number tells a question from those that were asked in the same attempt before.
        let progress = Progress { number: produced.questions, ..Progress::default() };
        let mut mending = Mending { producer: self, case, standing, progress, produced };
        mending.bring_in().await?;
        mending.take_out_made_up().await?;
        Ok(mending.standing.code)
    }
}

impl Mending<'_> {
    async fn bring_in(&mut self) -> Result<(), Failure> {
        let description = self.producer.task.spec.description.clone();
        let mut asked: BTreeMap<&str, u32> = BTreeMap::new();
        while !self.progress.is_spent(self.producer.capability.mends) {
            let missing = left_out(&description, &self.standing.code);
            // A call needs a function more, not another function.
            let is_open = |name: &&&str| !is_call(name) && asked.get(**name).is_none_or(|times| *times < MOST_TIMES);
            let Some(name) = missing.iter().find(is_open) else { break };
            let times = asked.entry(name).or_default();
            *times += 1;
            if *times == 1 && self.sort_as_asked(&description, name).await? {
                continue;
            }
            if is_error_of(name, &self.standing.code) {
                *times = MOST_TIMES;
                self.bring_in_error(&description, name).await?;
                continue;
            }
            // With what it does in view first; a model that repeats that is not shown it again.
            let anew = *times > 1;
            let Some(place) = self.where_it_belongs(&description, name, anew) else { continue };
            let call = self.progress.next(self.case.call);
            let Asked::New(_, files) = self.ask_about(&call, &place).await? else { continue };
            let brings = |files: &FileSet| left_out(&description, files).len() < missing.len();
            let versions = self.versions(&place, &files).into_iter().map(|(_, files)| files);
            self.take_one_of(&call, versions.collect(), brings).await?;
        }
        Ok(())
    }

    /// Makes the function that the spec asks for a descending order sort by what comes first, where it sorts by something: by rule, without a call.
    /// Whether that stands.
    async fn sort_as_asked(&mut self, description: &str, name: &str) -> Result<bool, Failure> {
        let Some(field) = descending::asked(name).and_then(descending::field) else { return Ok(false) };
        let mut files = self.standing.code.clone();
        let functions = self.functions();
        let sorted = functions.iter().filter(|(.., item)| descending::is_asked_of(description, &item.name));
        let mut sorted = sorted.filter_map(|(path, own, item)| {
            let code = self.standing.code.get(*path)?;
            Some((*path, item, highest_first(self.language(), own, code, field)?))
        });
        // Of several, who knows which is meant.
        let (Some((path, item, sorted)), None) = (sorted.next(), sorted.next()) else { return Ok(false) };
        let Some(text) = files.get_mut(path) else { return Ok(false) };
        text.replace_range(item.whole.clone(), &sorted);
        let message = format!("mended by rule: `{}` gives {name}, as the spec asks", item.name);
        let stands = self.stands(self.case.call, &files).await?;
        if stands {
            self.note(message);
        }
        Ok(stands)
    }

    /// Asks the functions that the spec names together with what an error is about: "a paid order is final: update and delete refuse it"
    /// for `OrderPaidError`.
    async fn bring_in_error(&mut self, description: &str, error: &str) -> Result<(), Failure> {
        let own: BTreeSet<String> = words(&self.producer.task.spec.name.value).collect();
        let is_telling = |word: &String| !own.contains(word) && !OF_ERRORS.contains(&word.as_str());
        let about: BTreeSet<String> = words(error).filter(is_telling).collect();
        let said = sentences(description).filter(|text| has_words(text, &about));
        let said: Vec<&str> = said.filter(|_| !about.is_empty()).map(str::trim).collect();
        let named = |name: &str| -> Vec<&str> {
            let name: BTreeSet<String> = words(name).collect();
            let has = |text: &&&str| has_words(text, &name);
            if name.is_disjoint(&about) { said.iter().filter(has).copied().collect() } else { Vec::new() }
        };
        let functions: Vec<(String, String)> = self
            .functions()
            .into_iter()
            .map(|(_, _, item)| (named(&item.name).join(" "), item.key))
            .filter(|(said, _)| !said.is_empty())
            .take(MOST_FUNCTIONS)
            .collect();
        for (said, key) in functions {
            let place = self.functions().into_iter().find(|(_, own, item)| item.key == key && !has_word(own, error));
            let Some((path, item)) = place.map(|(path, _, item)| (path.clone(), item)) else { continue };
            let said = format!(
                "The specification says: … {said} …\n\n`{}` never uses `{error}`. Where it has to refuse with it, add that.",
                item.name
            );
            let witness = Some(Witness { said, test: String::new(), pointed: true, anew: false, warmth: 0 });
            let place = Place { path, item, lines: Vec::new(), witness };
            if self.progress.is_spent(self.producer.capability.mends) {
                break;
            }
            let call = self.progress.next(self.case.call);
            let Asked::New(_, files) = self.ask_about(&call, &place).await? else { continue };
            let count = |files: &FileSet| files.values().map(|text| places_of(text, error).count()).sum::<usize>();
            let before = count(&self.standing.code);
            let versions = self.versions(&place, &files).into_iter().map(|(_, files)| files);
            self.take_one_of(&call, versions.collect(), |files| count(files) > before).await?;
        }
        Ok(())
    }

    /// Asks for functions without the limits that they have and the spec does not.
    async fn take_out_made_up(&mut self) -> Result<(), Failure> {
        let spec = &self.producer.task.spec;
        let description = spec.description.clone();
        for (_, Limit { name, number, .. }) in made_up(&spec.source.text, &self.standing.code) {
            let place = self.functions().into_iter().find(|(_, own, _)| has_word(own, &name));
            let Some((path, item)) = place.map(|(path, _, item)| (path.clone(), item)) else { continue };
            if self.progress.is_spent(self.producer.capability.mends) {
                break;
            }
            let said = format!(
                "The specification says nothing of a limit of {number}. Write `{}` without `{name}`: what has no limit in the specification has none.",
                item.name
            );
            let witness = Some(Witness { said, test: String::new(), pointed: true, anew: false, warmth: 0 });
            let place = Place { path, item, lines: Vec::new(), witness };
            let call = self.progress.next(self.case.call);
            let Asked::New(_, files) = self.ask_about(&call, &place).await? else { continue };
            let before = left_out(&description, &self.standing.code).len();
            let versions = self.versions(&place, &files).into_iter();
            let versions = versions.map(|(_, files)| self.producer.without_made_up(files)).collect();
            let is_better = |files: &FileSet| {
                let is_gone = !files.values().any(|text| has_word(text, &name));
                is_gone && left_out(&description, files).len() <= before
            };
            self.take_one_of(&call, versions, is_better).await?;
        }
        Ok(())
    }

    /// Lets the first of some versions stand that is what was asked for and passes the gates of code, if need be with what a rule mends. One that
    /// uses an import no more has lost what it was for, and comes last.
    async fn take_one_of(
        &mut self,
        call: &Call,
        versions: Vec<FileSet>,
        is_asked: impl Fn(&FileSet) -> bool + Send + Sync,
    ) -> Result<(), Failure> {
        let mut losing = Vec::new();
        for version in versions.into_iter().filter(|files| is_asked(files)) {
            match self.mended_by_rule(call, (version, Vec::new()), Imports::Kept).await? {
                Version::Passes(proof, done) if is_asked(&proof.files) => {
                    self.take_mended(*proof, &done);
                    return Ok(());
                }
                Version::Loses(files, done) => losing.push((files, done)),
                Version::Passes(..) | Version::Fails => {}
            }
        }
        for (files, done) in losing {
            if let Version::Passes(proof, done) = self.mended_by_rule(call, (files, done), Imports::Lost).await?
                && is_asked(&proof.files)
            {
                self.take_mended(*proof, &done);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Code, and what was done to it, as rules mend it by what the gates say, until it passes.
    async fn mended_by_rule(
        &self,
        call: &Call,
        (mut files, mut done): (FileSet, Vec<String>),
        imports: Imports,
    ) -> Result<Version, Failure> {
        for _ in 0..MOST_ROUNDS {
            let proof = self.producer.prover.prove_code(&files, &self.producer.on_gate(call)).await?;
            let Some(failed) = Setback::of(&self.standing.setback.answer, &proof) else {
                return Ok(Version::Passes(Box::new(proof), done));
            };
            files = failed.files;
            let imported = self.imported(&files);
            let fixed = self.fix_code(&mut files, &failed.evidence);
            if fixed.is_empty() {
                return Ok(Version::Fails);
            }
            done.extend(fixed);
            if imports == Imports::Kept && !self.imported(&files).is_superset(&imported) {
                return Ok(Version::Loses(files, done));
            }
        }
        Ok(Version::Fails)
    }

    /// Lets what was proven stand, and says what rules did for it.
    fn take_mended(&mut self, proof: Proof, done: &[String]) {
        if !done.is_empty() {
            self.note(format!("mended by rule: {}", done.join("; ")));
        }
        self.take(proof);
    }

    /// The words in the imports of files, each with its path.
    fn imported(&self, files: &FileSet) -> BTreeSet<(RepoPath, String)> {
        let mut found = BTreeSet::new();
        for (path, text) in files {
            let imports = all_items(self.language(), text).into_iter().filter(|item| item.kind == Kind::Import);
            let words = imports.filter_map(|item| text.get(item.core)).flat_map(names_in);
            found.extend(words.map(|word| (path.clone(), word.to_owned())));
        }
        found
    }

    /// Lets files stand if they pass the gates of code.
    async fn stands(&mut self, call: &Call, files: &FileSet) -> Result<bool, Failure> {
        let proof = self.producer.prover.prove_code(files, &self.producer.on_gate(call)).await?;
        let passes = proof.verdict.failure().is_none();
        if passes {
            self.take(proof);
        }
        Ok(passes)
    }

    /// Lets what was proven stand.
    fn take(&mut self, proof: Proof) {
        Producer::take_over(self.produced, &proof);
        self.standing.code.clone_from(&proof.files);
        self.standing.setback.files = proof.files;
    }

    /// The function that has most to do with the sentences of the spec which name something.
    fn where_it_belongs(&self, description: &str, name: &str, anew: bool) -> Option<Place> {
        // 10 is no part of 100.
        let is_number = name.chars().all(|letter| letter.is_ascii_digit() || letter == '_');
        let has = |text: &str| if is_number { has_word(text, name) } else { text.contains(name) };
        let parts = sentences(description).flat_map(|sentence| sentence.split_inclusive(';'));
        let said = parts.filter(|part| has(part)).map(str::trim).collect::<Vec<_>>().join(" ");
        let functions = self.functions();
        let texts: Vec<&str> = functions.iter().map(|(_, own, _)| *own).collect();
        // What is left out is filled in where the input is read, not where it is checked.
        let about = if defaults::asked(name).is_some() { format!("{said} {OF_INPUT}") } else { said.clone() };
        let scored = relevance(&about, &texts).into_iter().zip(functions);
        let (_, (path, _, item)) = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
        // A long sentence draws the eye to what is done already.
        let clauses = said.split_inclusive([',', ';']).filter(|clause| has(clause)).map(str::trim);
        let clauses = clauses.collect::<Vec<_>>().join(" … ");
        let said = if clauses.is_empty() { said } else { clauses };
        let lacks = if let Some(value) = defaults::asked(name) {
            format!("Nothing in the code gives `{value}` to what is left out. Change `{}` so that it does.", item.name)
        } else if descending::asked(name).is_some() {
            format!("Nothing in the code sorts like that. Change `{}` so that it gives {name}.", item.name)
        } else if let Some(lower) = ranges::lower_end(name) {
            format!("It is `{name}`, and nothing in the code is compared with {lower}. Add what is missing.")
        } else {
            format!("Nothing in the code has `{name}`. Add what is missing.")
        };
        let said = format!("The specification says: … {said} …\n\n{lacks}");
        let witness = Some(Witness { said, test: String::new(), pointed: true, anew, warmth: 0 });
        Some(Place { path: path.clone(), item, lines: Vec::new(), witness })
    }
}
