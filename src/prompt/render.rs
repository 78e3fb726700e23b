//! The rendering of prompts from the spec, the pattern and the examples.

use tera::{Context, Tera};

use super::budget::{Overflow, conversation_tokens, estimate_tokens, shorten};
use super::fence::fence;
use super::{Message, Speaker};
use crate::answer::{Form, render_files};
use crate::call::Role;
use crate::language::{Language, syntax};
use crate::pattern::Templates;
use crate::spec::Spec;

const SYSTEM: &str = include_str!("system.md");
const CODE: &str = include_str!("code.md");
const TESTS: &str = include_str!("tests.md");
const REDRAW: &str = include_str!("redraw.md");
const REPAIR: &str = include_str!("repair.md");
const MERGE: &str = include_str!("merge.md");
const UPDATE: &str = include_str!("update.md");
const MEND: &str = include_str!("mend.md");
const DOUBT: &str = include_str!("doubt.md");
const EXPECTED: &str = include_str!("expected.md");
const MEND_SYSTEM: &str = include_str!("mend_system.md");

/// What every question of a pattern and language shares.
#[derive(Debug, Clone)]
pub struct Grounds<'a> {
    /// The language.
    pub language: Language,
    /// The pattern's name.
    pub pattern: &'a str,
    /// What the pattern is.
    pub summary: &'a str,
    /// The pattern's rules in this language.
    pub rules: Vec<&'a str>,
    /// The pattern's own templates.
    pub templates: &'a Templates,
    /// The form of answers.
    pub form: Form,
}

/// A file the model reads and does not write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// One question, for the spec at hand or for an example.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// Code or tests.
    pub role: Role,
    /// The files to write.
    pub write: Vec<String>,
    /// The code that tests are for: path and text.
    pub code: Vec<Reading>,
    /// The line by which tests import the code.
    pub import: String,
    /// Names that code may depend on beyond the standard library.
    pub dependencies: Vec<String>,
    /// Files to read.
    pub uses: Vec<Reading>,
}

/// An example as an earlier turn.
#[derive(Debug, Clone)]
pub struct Exemplar<'a> {
    /// Its question.
    pub ask: Ask<'a>,
    /// Its answer: the files, with their paths.
    pub answer: Vec<Reading>,
}

/// A finished prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The conversation.
    pub messages: Vec<Message>,
    /// What was left out to fit the budget, for people.
    pub left_out: Vec<String>,
}

fn engine(templates: &[(&'static str, &str)]) -> Result<Tera, String> {
    let mut tera = Tera::new();
    tera.autoescape_on(Vec::<&str>::new());
    tera.add_raw_templates(templates.iter().copied()).map_err(|error| error.to_string())?;
    Ok(tera)
}

/// Checks a template of a pattern's own.
pub fn check_template(text: &str) -> Result<(), String> {
    let tera = engine(&[("template", text)])?;
    let known = [
        "language",
        "pattern",
        "summary",
        "rules",
        "name",
        "facts",
        "description",
        "spec_rules",
        "readings",
        "write",
        "import",
        "interface",
        "dependencies",
        "form",
    ];
    let used = tera.get_template_variables("template").map_err(|error| error.to_string())?;
    let unknown: Vec<String> =
        used.into_iter().map(str::to_owned).filter(|name| !known.contains(&name.as_str())).collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(format!("unknown variables: {}; known: {}", unknown.join(", "), known.join(", ")))
    }
}

fn render(template: &str, context: &Context) -> Result<String, String> {
    let text = engine(&[("template", template)])?.render("template", context).map_err(|error| error.to_string())?;
    Ok(text.trim().to_owned())
}

fn base_context(grounds: &Grounds<'_>) -> Context {
    let mut context = Context::new();
    context.insert("language", grounds.language.title());
    context.insert("pattern", grounds.pattern);
    context.insert("summary", grounds.summary);
    context.insert("rules", &grounds.rules);
    context.insert("form", grounds.form.id());
    context
}

fn question(grounds: &Grounds<'_>, ask: &Ask<'_>, uses: &[Reading]) -> Result<String, String> {
    let mut context = base_context(grounds);
    let facts: Vec<String> = ask.spec.context.iter().map(|(name, text)| format!("{name}: {text}")).collect();
    context.insert("name", &ask.spec.name.value);
    context.insert("facts", &facts);
    context.insert("description", &fence("specification", &ask.spec.description));
    context.insert("spec_rules", &ask.spec.rules);
    let readings: Vec<String> = uses.iter().map(|file| fence(&format!("file {}", file.path), &file.text)).collect();
    context.insert("readings", &readings);
    context.insert("write", &ask.write);
    context.insert("import", &ask.import);
    context.insert("dependencies", &ask.dependencies);
    let interface: Vec<String> = ask
        .code
        .iter()
        .map(|file| fence(&format!("interface of {}", file.path), &syntax::interface(grounds.language, &file.text)))
        .collect();
    context.insert("interface", &interface);
    let own = match ask.role {
        Role::Code | Role::Merge => grounds.templates.code.as_deref().unwrap_or(CODE),
        Role::Tests => grounds.templates.tests.as_deref().unwrap_or(TESTS),
    };
    render(own, &context)
}

/// Builds the conversation for one question. Leaves out, in this order, what does not fit into `tokens`: examples beyond the
/// first, the ends of files to read, the last example. Rules and the spec are never cut.
pub fn build(
    grounds: &Grounds<'_>,
    exemplars: &[Exemplar<'_>],
    ask: &Ask<'_>,
    tokens: u64,
) -> Result<Prompt, BuildError> {
    let fault = BuildError::Template;
    let system =
        render(grounds.templates.system.as_deref().unwrap_or(SYSTEM), &base_context(grounds)).map_err(fault)?;
    let mut turns = Vec::new();
    for exemplar in exemplars {
        let asked = question(grounds, &exemplar.ask, &exemplar.ask.uses).map_err(fault)?;
        let files: Vec<(&str, &str)> =
            exemplar.answer.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
        turns.push((asked, render_files(grounds.form, grounds.language, &files)));
    }
    let mut left_out = Vec::new();
    let mut uses = ask.uses.clone();
    let asked = question(grounds, ask, &uses).map_err(fault)?;
    let cost = |turns: &[(String, String)], asked: &str| {
        estimate_tokens(&system)
            + estimate_tokens(asked)
            + turns.iter().map(|(question, answer)| estimate_tokens(question) + estimate_tokens(answer)).sum::<u64>()
    };
    while turns.len() > 1 && cost(&turns, &asked) > tokens {
        turns.pop();
        left_out.push(format!("example {} of {}", turns.len() + 1, exemplars.len()));
    }
    let mut asked = asked;
    if cost(&turns, &asked) > tokens && !uses.is_empty() {
        let bare = question(grounds, ask, &[]).map_err(fault)?;
        let room = tokens.saturating_sub(cost(&turns, &bare)) / u64::try_from(uses.len()).unwrap_or(1);
        for file in &mut uses {
            let (kept, lines) = shorten(&file.text, room.saturating_sub(30));
            if lines > 0 {
                left_out.push(format!("{lines} lines of {}", file.path));
                file.text = format!("{kept}[… {lines} lines left out]\n");
            }
        }
        asked = question(grounds, ask, &uses).map_err(fault)?;
    }
    if cost(&turns, &asked) > tokens && !turns.is_empty() {
        turns.clear();
        left_out.push("every example".to_owned());
    }
    let needed = cost(&turns, &asked);
    if needed > tokens {
        return Err(BuildError::Overflow(Overflow { needed, available: tokens }));
    }
    let mut messages = vec![Message::new(Speaker::System, system)];
    for (question, answer) in turns {
        messages.push(Message::new(Speaker::User, question));
        messages.push(Message::new(Speaker::Assistant, answer));
    }
    messages.push(Message::new(Speaker::User, asked));
    Ok(Prompt { messages, left_out })
}

/// Why a prompt cannot be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildError {
    /// A template asks for something that is not there.
    Template(String),
    /// It does not fit.
    Overflow(Overflow),
}

/// The question after a failed attempt: the answer that failed, and what the gate said.
pub fn repair(form: Form, answer: &str, gate: &str, evidence: &str, write: &[String]) -> Result<[Message; 2], String> {
    let mut context = Context::new();
    context.insert("gate", gate);
    context.insert("evidence", &fence("output", evidence));
    context.insert("write", write);
    context.insert("form", form.id());
    let asked = render(REPAIR, &context)?;
    // Servers refuse an empty message.
    let answer = if answer.trim().is_empty() { "(no answer)" } else { answer };
    Ok([Message::new(Speaker::Assistant, answer), Message::new(Speaker::User, asked)])
}

/// Turns the question of a prompt into one for a change: before it stand the question for the spec as it was and, as its
/// answer, the files as they stand. Examples go where there is no room for both; without room even so, the prompt stays as it
/// was and says what was left out.
pub fn update(
    grounds: &Grounds<'_>,
    mut prompt: Prompt,
    old: &Ask<'_>,
    answer: &[Reading],
    tokens: u64,
) -> Result<Prompt, BuildError> {
    let Some(last) = prompt.messages.last() else { return Ok(prompt) };
    let mut context = Context::new();
    context.insert("question", &last.text);
    context.insert("write", &old.write);
    let asked = render(UPDATE, &context).map_err(BuildError::Template)?;
    let before = question(grounds, old, &[]).map_err(BuildError::Template)?;
    let files: Vec<(&str, &str)> = answer.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    let turn = [
        Message::new(Speaker::User, before),
        Message::new(Speaker::Assistant, render_files(grounds.form, grounds.language, &files)),
        Message::new(Speaker::User, asked),
    ];
    let mut messages = prompt.messages.clone();
    messages.pop();
    let mut left_out = 0;
    while conversation_tokens(&messages) + conversation_tokens(&turn) > tokens && messages.len() > 2 {
        messages.drain(1..3);
        left_out += 1;
    }
    if conversation_tokens(&messages) + conversation_tokens(&turn) > tokens {
        prompt.left_out.push("the files as they stand".to_owned());
        return Ok(prompt);
    }
    if left_out > 0 {
        prompt.left_out.push(format!("{left_out} more of the examples"));
    }
    messages.extend(turn);
    Ok(Prompt { messages, ..prompt })
}

/// The question that asks to settle conflicts between edits by hand and a new generation. `files` are paths and texts with
/// markers.
pub fn merge(form: Form, language: Language, description: &str, files: &[(String, String)]) -> Result<Message, String> {
    let mut context = Context::new();
    context.insert("language", language.title());
    context.insert("description", &fence("specification", description));
    let shown: Vec<String> = files.iter().map(|(path, text)| fence(&format!("file {path}"), text)).collect();
    context.insert("files", &shown);
    context.insert("paths", &files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>());
    context.insert("form", form.id());
    Ok(Message::new(Speaker::User, render(MERGE, &context)?))
}

/// What a question about one item shows.
#[derive(Debug, Clone)]
pub struct Wound<'a> {
    /// What is wanted of the answer.
    pub wanted: Wanted<'a>,
    /// The file with the item.
    pub path: &'a str,
    /// The item's name.
    pub name: &'a str,
    /// The item's text.
    pub item: &'a str,
    /// What refused it, as a sentence without its full stop.
    pub gate: &'a str,
    /// What was said about it.
    pub evidence: &'a str,
    /// What it used of its file, where its body is not shown.
    pub used: &'a [String],
}

/// What is wanted of the answer to a question about one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// The item, corrected.
    Item,
    /// The item, written anew: its body is not shown, so that it is not repeated.
    Anew,
    /// The item, which is a test, or the function that it shows to be wrong.
    Either,
    /// One more test, for this file.
    Test(&'a str),
    /// The declaration of a name that is used and declared nowhere.
    Declaration,
}

/// A conversation of its own about one item: the spec, what of the files it has to know, the item and what is wrong with it.
/// What stays the same from one question to the next stands first.
pub fn mend(language: Language, spec: &Spec, readings: &[String], wound: &Wound<'_>) -> Result<[Message; 2], String> {
    let mut context = Context::new();
    context.insert("language", language.title());
    context.insert("description", &fence("specification", &spec.description));
    context.insert("spec_rules", &spec.rules);
    context.insert("readings", readings);
    context.insert("path", wound.path);
    context.insert("name", wound.name);
    context.insert("item", &fence("item", wound.item));
    context.insert("gate", wound.gate);
    context.insert("evidence", &fence("output", wound.evidence));
    context.insert("used", wound.used);
    context.insert("anew", &(wound.wanted == Wanted::Anew));
    context.insert("either", &(wound.wanted == Wanted::Either));
    context.insert("declaration", &(wound.wanted == Wanted::Declaration));
    let tests = if let Wanted::Test(path) = wound.wanted { path } else { "" };
    context.insert("add_test", &!tests.is_empty());
    context.insert("path_of_tests", tests);
    Ok([
        Message::new(Speaker::System, render(MEND_SYSTEM, &context)?),
        Message::new(Speaker::User, render(MEND, &context)?),
    ])
}

/// What goes at the end of the question for code, when an earlier answer to it failed these tests.
pub fn redraw(tests: &str, write: &[String]) -> Result<String, String> {
    let mut context = Context::new();
    context.insert("tests", &fence("tests", tests));
    context.insert("write", write);
    render(REDRAW, &context)
}

/// The question whether a spec says what a test checks, for a test that fails.
pub fn doubt(language: Language, spec: &Spec, item: &str) -> Result<[Message; 2], String> {
    review(language, DOUBT, spec, item, Context::new())
}

/// The question which of two values belongs in the place of `?` in a test.
pub fn expected(language: Language, spec: &Spec, item: &str, choices: [&str; 2]) -> Result<[Message; 2], String> {
    let mut context = Context::new();
    context.insert("first", choices[0]);
    context.insert("second", choices[1]);
    review(language, EXPECTED, spec, item, context)
}

/// A question about a test and its spec; `context` has what else its template says.
fn review(
    language: Language,
    template: &str,
    spec: &Spec,
    item: &str,
    mut context: Context,
) -> Result<[Message; 2], String> {
    context.insert("description", &fence("specification", &spec.description));
    context.insert("spec_rules", &spec.rules);
    context.insert("item", &fence("test", item));
    let system = format!("You review {} tests against a specification.", language.title());
    Ok([Message::new(Speaker::System, system), Message::new(Speaker::User, render(template, &context)?)])
}
