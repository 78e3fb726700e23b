//! Declarations that are missing: each name that is used and declared nowhere is asked for on its own.
//!
//! A small model that is shown the function which uses the name writes that function again, name and all. Asked for the
//! declaration, it writes it. Names that the code under test declares are imported by rule, whatever the model, and not asked for.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::super::produce::Call;
use super::super::prove::FileSet;
use super::{Judged, Mending};
use crate::answer;
use crate::failure::{Failure, Kind};
use crate::gate::undeclared::{Undeclared, undeclared};
use crate::language::import_edit::with_import;
use crate::language::neighbour::declared_as_elsewhere;
use crate::language::outline::{all_items, items_at};
use crate::language::{Language, syntax};
use crate::name;
use crate::path::RepoPath;
use crate::prompt::{self, Wanted};
use crate::relevance::words;
use crate::text::{has_word, sentences, with_word};

/// Words that two names have to begin with alike.
const LEAST_WORDS: usize = 2;
/// Most tokens of a declaration.
const MOST_TOKENS: u32 = 400;

impl Mending<'_> {
    /// Asks for the declaration of each name that is missing, once for each name. The files, when that was all.
    pub(super) async fn ask_for_declarations(&mut self) -> Result<Option<FileSet>, Failure> {
        while !self.progress.is_spent(self.producer.capability.mends) && self.standing.setback.is_mendable() {
            let Some((path, missing)) = self.missing() else { break };
            self.progress.declared.insert((path.clone(), missing.name.clone()));
            let call = &self.progress.next(self.case.call);
            let Some(files) = self.declared(call, &path, &missing).await? else { continue };
            let answer = self.standing.setback.answer.clone();
            if let Judged::Passed(files) = self.judge(call, files, &answer).await? {
                return Ok(Some(files));
            }
            if let Some(files) = self.fix_by_rule(call).await? {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// The first name that is missing and was not asked for yet.
    fn missing(&self) -> Option<(RepoPath, Undeclared)> {
        let language = self.language();
        let (setback, asked) = (&self.standing.setback, &self.progress.declared);
        setback.files.iter().find_map(|(path, text)| {
            let items = all_items(language, text);
            let found = undeclared(language, path.as_str(), &setback.evidence).into_iter();
            found
                .filter(|missing| !asked.contains(&(path.clone(), missing.name.clone())))
                .filter(|missing| !missing.is_local(language, text))
                .find(|missing| items.iter().all(|item| item.name != missing.name))
                .map(|missing| (path.clone(), missing))
        })
    }

    /// Imports into the tests what they use and the code declares, and says what.
    pub(super) fn import_declared(&self, files: &mut FileSet) -> Vec<String> {
        let language = self.language();
        let mut done = Vec::new();
        for path in &self.producer.task.tests {
            let Some(text) = files.get_mut(path) else { continue };
            for missing in undeclared(language, path.as_str(), &self.standing.setback.evidence) {
                let declares = |text: &String| all_items(language, text).iter().any(|item| item.name == missing.name);
                if declares(text) || !self.standing.code.values().any(declares) {
                    continue;
                }
                let line = import_of(language, &self.producer.import, &missing.name);
                if let Some(with) = line.and_then(|line| with_import(language, text, &line)) {
                    *text = with;
                    done.push(format!("imported `{}`, which the code declares", missing.name));
                }
            }
        }
        done
    }

    /// Calls in the tests what the example declares and the code has under a name of its own by that name, and says what.
    pub(super) fn call_by_own_name(&self, files: &mut FileSet) -> Vec<String> {
        let language = self.language();
        let items = self.standing.code.values().flat_map(|text| all_items(language, text));
        // A group of declarations in Go is one item with all their names.
        let own: BTreeSet<String> =
            items.flat_map(|item| item.name.split(", ").map(str::to_owned).collect::<Vec<_>>()).collect();
        let mut done = Vec::new();
        for path in &self.producer.task.tests {
            let Some(text) = files.get_mut(path) else { continue };
            for example in &self.producer.examples {
                for theirs in example.declared.difference(&own) {
                    let is_said = has_word(&self.standing.setback.evidence, theirs);
                    // What the spec asks for by that name is left out of the code, and what the tests declare is theirs.
                    let is_asked = is_asked(&self.producer.task.spec.description, theirs);
                    if is_asked || all_items(language, text).iter().any(|item| item.name == *theirs) {
                        continue;
                    }
                    let meant = own.get(&self.case.questions.in_own_names(theirs)).map(String::as_str);
                    let meant = meant.or_else(|| named_alike(theirs, own.difference(&example.declared)));
                    let Some(meant) = meant else { continue };
                    if is_said && has_word(text, theirs) {
                        *text = with_word(text, theirs, meant);
                        done.push(format!("called `{theirs}` of the example by its own name, `{meant}`"));
                    }
                }
            }
        }
        done
    }

    /// Declares in the tests what one of them uses and the others declare in a line of their own, and says what.
    pub(super) fn declare_as_elsewhere(&self, files: &mut FileSet) -> Vec<String> {
        let language = self.language();
        let mut done = Vec::new();
        for path in &self.producer.task.tests {
            let Some(text) = files.get_mut(path) else { continue };
            let mut missing = undeclared(language, path.as_str(), &self.standing.setback.evidence);
            // The last place first, so that the lines before it stay what they are.
            missing.sort_by_key(|missing| Reverse(missing.line));
            for Undeclared { name, line } in missing {
                if let Some(with) = declared_as_elsewhere(language, text, &name, line) {
                    *text = with;
                    done.push(format!("declared `{name}` as the other tests do"));
                }
            }
        }
        done
    }

    /// Asks for one declaration. None when the answer cannot be used.
    async fn declared(
        &mut self,
        call: &Call,
        path: &RepoPath,
        missing: &Undeclared,
    ) -> Result<Option<FileSet>, Failure> {
        let language = self.language();
        let setback = &self.standing.setback;
        let text = setback.files.get(path).map_or("", String::as_str);
        let users = items_at(language, text, &[missing.line]);
        let user = users.first().and_then(|(item, _)| text.get(item.whole.clone())).unwrap_or_default();
        let declarations = prompt::fence(&format!("declarations of {path}"), &syntax::interface(language, text));
        let wound = prompt::Wound {
            wanted: Wanted::Declaration,
            path: path.as_str(),
            name: &missing.name,
            item: user,
            gate: &setback.gate,
            evidence: &format!("`{}` is not declared", missing.name),
            used: &[],
        };
        let question = prompt::mend(language, &self.producer.task.spec, &[declarations], &wound);
        let question = question.map_err(|error| {
            Failure::new(Kind::Internal, "the question for a declaration cannot be rendered").cause(error)
        })?;
        self.stage(format!("asking for the declaration of `{}` (question {})", missing.name, call.mend));
        let begun = format!("```{}\n", language.id());
        let call = Call { most: Some(MOST_TOKENS), ..call.clone() };
        let answered = self.producer.ask_begun(&call, question.to_vec(), begun, self.produced).await?;
        match answer::parse_declaration(&answered.text, language, path, text, &missing.name, missing.line) {
            Ok(spliced) => {
                let mut files = setback.files.clone();
                files.insert(path.clone(), spliced);
                Ok(Some(self.producer.without_leaks(files)))
            }
            Err(problem) => {
                self.note(format!("the answer about `{}` cannot be used: {problem}", missing.name));
                Ok(None)
            }
        }
    }
}

/// The line that imports one name where the tests import the code by `line`. None where nothing is imported by name.
fn import_of(language: Language, line: &str, name: &str) -> Option<String> {
    let line = if language == Language::Rust { line.replace("{…}", "…") } else { line.to_owned() };
    line.contains('…').then(|| line.replace('…', name))
}

/// Whether a sentence of a description has the last word of a name and one that begins as the name does: "listed by customer and by
/// name" for `list_by_name`.
fn is_asked(description: &str, name: &str) -> bool {
    let own: Vec<String> = words(name).collect();
    let Some((first, last)) = own.first().zip(own.last()) else { return false };
    let has = |sentence: &str| {
        let said: Vec<String> = words(sentence).collect();
        said.contains(last) && said.iter().any(|word| word.starts_with(first.as_str()))
    };
    sentences(description).any(has)
}

/// The one of these names that begins with all words of a name but its last: `ListByCustomer` for `ListByName`.
fn named_alike<'n>(name: &str, others: impl Iterator<Item = &'n String>) -> Option<&'n str> {
    let parts = |name: &str| name::snake(name).split('_').map(str::to_owned).collect::<Vec<_>>();
    let own = parts(name);
    let (_, begins) = own.split_last().filter(|(_, begins)| begins.len() >= LEAST_WORDS)?;
    let mut alike = others.filter(|other| parts(other).starts_with(begins));
    let first = alike.next()?;
    alike.next().is_none().then_some(first.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_the_spec_asks_for_is_told_by_its_words() {
        assert!(is_asked("Orders can be listed by customer and by name.", "list_by_name"));
        assert!(is_asked("ListByName gives the youngest first.", "ListByName"));
        assert!(!is_asked("The error names the first field. List returns all orders.", "ListByName"));
    }

    #[test]
    fn a_name_of_the_example_has_one_that_is_alike() {
        let own = ["List", "ListByCustomer", "Update"].map(str::to_owned);
        assert_eq!(named_alike("ListByName", own.iter()), Some("ListByCustomer"));
        assert_eq!(named_alike("ListAll", own.iter()), None, "one word is too few");
        let two = ["ListByCustomer", "ListByPrice"].map(str::to_owned);
        assert_eq!(named_alike("ListByName", two.iter()), None, "which is not known");
    }

    #[test]
    fn a_name_is_imported_as_the_tests_import_the_code() {
        for (language, line, imported) in [
            (Language::Python, "from shop.a import …", Some("from shop.a import Order")),
            (Language::Rust, "use shop::a::{…};", Some("use shop::a::Order;")),
            (
                Language::TypeScript,
                "import { … } from \"../src/a.js\";",
                Some("import { Order } from \"../src/a.js\";"),
            ),
            (Language::Go, "package a, as the code: nothing to import", None),
            (Language::Rust, "use super::*;", None),
        ] {
            assert_eq!(import_of(language, line, "Order").as_deref(), imported, "{language}");
        }
    }
}
