//! The question about one item: what is shown of it and beside it, and what is made of the answer.

use super::super::produce::{Call, Produced, Producer};
use super::super::prove::FileSet;
use super::Mending;
use super::places::Place;
use crate::answer;
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::language::outline::{self, Item};
use crate::language::splice::{lifted, lifted_from};
use crate::language::test_cases::Category;
use crate::language::{Language, syntax};
use crate::path::RepoPath;
use crate::port::{Completion, Role};
use crate::prompt::{self, Message, Speaker, Wanted};
use crate::relevance::relevance;
use crate::text::has_word;

/// Tokens that an answer may have beyond twice those of its item.
const SPARE_TOKENS: u32 = 200;

/// Draws of a failing test that are shown the example's, too.
const MOST_LED: u32 = 3;

/// Functions beside an item that are shown where it is written anew.
const MOST_NEIGHBOURS: usize = 3;
/// The longest of them, in bytes.
const LONGEST_NEIGHBOUR: usize = 1500;

/// What came of a question about an item.
pub(super) enum Asked {
    /// An answer, and the files with it in place.
    New(Completion, FileSet),
    /// The item as it stands.
    Same,
    /// Nothing that can be put in its place.
    Unusable,
}

impl Producer {
    /// Asks with the answer begun, where the model goes on with what was begun.
    pub(super) async fn ask_begun(
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
        if answer::ends_in_a_block(&answered.text) {
            answered.text = begun + &answered.text;
        }
        Ok(answered)
    }
}

impl Mending<'_> {
    /// Asks about one place.
    pub(super) async fn ask_about(&mut self, call: &Call, place: &Place) -> Result<Asked, Failure> {
        let language = self.language();
        let standing = &self.standing.setback;
        let text = standing.files.get(&place.path).map_or("", String::as_str);
        let tests = self.producer.task.tests.first().filter(|_| call.role == Role::Tests);
        let is_function = place.item.kind == outline::Kind::Function;
        let again = call.warmth % 2 == 1;
        let wanted = match (standing.refused_by, tests) {
            (Some(Gate::Coverage | Gate::Mutation), Some(tests)) => Wanted::Test(tests.as_str()),
            (Some(Gate::TestQuality), Some(tests)) if self.producer.task.code.contains(&place.path) => {
                Wanted::Test(tests.as_str())
            }
            _ if let Some(witness) = &place.witness => {
                if witness.anew {
                    Wanted::Anew
                } else {
                    Wanted::Item
                }
            }
            // A model that sees what it wrote repeats it, so it sees a test once, and other items every other time.
            (Some(Gate::GeneratedTests), Some(_)) if is_function && call.warmth != 1 => Wanted::Anew,
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
        // What a helper of the tests used may be what is wrong with the data that it makes.
        let is_helper = place.witness.is_some() && self.producer.task.tests.contains(&place.path);
        let wound = prompt::Wound {
            wanted,
            path: place.path.as_str(),
            name: &place.item.name,
            item: &shown,
            gate: &standing.gate,
            evidence: &said,
            used: &if wanted == Wanted::Anew && !is_helper { used(language, text, &place.item) } else { Vec::new() },
        };
        let mut readings = self.to_read(place, wanted);
        let role = if self.producer.task.tests.contains(&place.path) { Role::Tests } else { Role::Code };
        // What no gate refuses leaves something out, and so may the example. Where a failing test was drawn a few times in vain, it may be
        // what the answers copy.
        let misleads = wanted == Wanted::Anew && place.witness.is_none() && call.warmth >= MOST_LED;
        let leads = standing.refused_by.is_some() && !misleads;
        if leads && matches!(wanted, Wanted::Item | Wanted::Anew | Wanted::Either) {
            readings.extend(self.case.questions.counterpart(&place.item, &own, role));
        }
        let tag = standing.missing_tag().filter(|_| matches!(wanted, Wanted::Test(_)));
        let category = tag.and_then(Category::of);
        readings.extend(category.and_then(|category| self.case.questions.tests_of(category)));
        let question = prompt::mend(language, &self.producer.task.spec, &readings, &wound);
        let question = question.map_err(|error| {
            Failure::new(Kind::Internal, "the question about an item cannot be rendered").cause(error)
        })?;
        let begun = match tag {
            Some(tag) => {
                let comment = if language == Language::Python { "#" } else { "//" };
                format!("```{}\n{comment} {tag}", language.id())
            }
            // What cannot be parsed may be its beginning.
            None if standing.is_unparsed() => format!("```{}\n", language.id()),
            None => begun(language, wanted, text, &place.item),
        };
        let item_tokens = u32::try_from(prompt::estimate_tokens(&own)).unwrap_or(u32::MAX);
        let most = item_tokens.saturating_mul(2).saturating_add(SPARE_TOKENS);
        self.stage(format!("mending `{}` (question {})", place.item.name, call.mend));
        let call = Call { most: Some(most), ..call.clone() };
        let answered = self.producer.ask_begun(&call, question.to_vec(), begun, self.produced).await?;
        // One more test goes to the tests, and nothing else.
        let is_more = matches!(wanted, Wanted::Test(_));
        let may = |path: &&RepoPath| !is_more || self.producer.task.tests.contains(path);
        let wanted: Vec<RepoPath> = standing.files.keys().filter(may).cloned().collect();
        let asked = (!is_more).then_some((&place.path, &place.item));
        let files = match answer::parse_items(&answered.text, language, &wanted, &standing.files, asked) {
            Ok(files) => files,
            Err(problem) => {
                self.note(format!("the answer about `{}` cannot be used: {problem}", place.item.name));
                return Ok(match problem {
                    answer::Problem::Unchanged if answer::has_item(&answered.text, language, &place.item.name) => {
                        Asked::Same
                    }
                    _ => Asked::Unusable,
                });
            }
        };
        let mut all = standing.files.clone();
        all.extend(files.into_iter().map(|file| (file.path, file.text)));
        Ok(Asked::New(answered, self.producer.without_leaks(all)))
    }

    /// What the model has to know beside the item. What most questions have in common comes first: an engine that remembers how a
    /// conversation began reads only the rest.
    fn to_read(&self, place: &Place, wanted: Wanted<'_>) -> Vec<String> {
        let language = self.language();
        let standing = &self.standing.setback;
        let is_test = self.producer.task.tests.contains(&place.path);
        let mut shown: Vec<String> = Vec::new();
        if is_test || !matches!(wanted, Wanted::Item | Wanted::Anew) {
            let code = self.standing.code.iter();
            let code = code.map(|(path, text)| standing.files.get_key_value(path).unwrap_or((path, text)));
            shown.extend(code.map(|(path, text)| prompt::fence(&format!("file {path}"), text)));
        }
        let whole = if let Wanted::Test(_) = wanted { self.producer.task.tests.first() } else { Some(&place.path) };
        if let Some((path, text)) = whole.and_then(|path| standing.files.get_key_value(path))
            && (shown.is_empty() || !self.producer.task.code.contains(path))
        {
            let interface = syntax::interface(language, text);
            shown.push(prompt::fence(&format!("declarations of {path}"), &interface));
            // What is written anew needs to see how its neighbours do it: their fields, their helpers.
            if wanted == Wanted::Anew {
                let near = neighbours(language, text, &place.item);
                shown.extend((!near.is_empty()).then(|| prompt::fence(&format!("from {path}"), &near)));
            }
        }
        shown
    }
}

/// The functions beside an item that tell most about how it is written: those that it uses, then those that are most like it.
fn neighbours(language: Language, text: &str, item: &Item) -> String {
    let own = text.get(item.whole.clone()).unwrap_or_default();
    let text_of = |other: &Item| text.get(other.whole.clone()).unwrap_or_default();
    // What has no body stands among the declarations.
    let has_body = |other: &Item| syntax::interface_of(language, text, &other.whole) != text_of(other);
    let others: Vec<Item> = outline::all_items(language, text)
        .into_iter()
        .filter(|other| other.kind == outline::Kind::Function && other.name != item.name)
        .filter(|other| text_of(other).len() <= LONGEST_NEIGHBOUR && has_body(other))
        .collect();
    let texts: Vec<&str> = others.iter().map(text_of).collect();
    let mut scored: Vec<(bool, f64, &Item)> = relevance(own, &texts)
        .into_iter()
        .zip(&others)
        .map(|(score, other)| (has_word(own, &other.name), score, other))
        .collect();
    scored.sort_by(|(one_used, one, _), (other_used, other, _)| other_used.cmp(one_used).then(other.total_cmp(one)));
    scored.truncate(MOST_NEIGHBOURS);
    // As they stand in the file.
    scored.sort_by_key(|(.., other)| other.whole.start);
    scored.iter().map(|(.., other)| lifted(text, &other.whole)).collect::<Vec<_>>().join("\n\n")
}

/// What an item uses of its file, by name.
fn used(language: Language, text: &str, item: &Item) -> Vec<String> {
    let own = text.get(item.whole.clone()).unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for other in outline::all_items(language, text) {
        if other.name != item.name && !names.contains(&other.name) && has_word(own, &other.name) {
            names.push(other.name);
        }
    }
    names
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
