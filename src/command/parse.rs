//! A comment to a [`Said`]. It never fails otherwise, whatever the comment is.

use super::help::FORMS;
use super::{Command, Said, Wanted};
use crate::diagnostic::nearest;
use crate::language::Language;
use crate::path::RepoPath;
use crate::pattern::PatternRef;
use crate::spec::SpecId;
use crate::text::{inert, is_hidden, shortened};

const WORD: &str = "/codegen";
/// Most characters of a description or wish.
const MOST_TEXT: usize = 16_000;
/// Most characters of a fact.
const MOST_FACT: usize = 200;
/// Most facts, and most specs of one command.
const MOST_ITEMS: usize = 20;

/// Reads a comment.
pub fn parse(comment: &str) -> Said {
    let spoken = spoken_lines(comment);
    let mut commands = spoken.iter().enumerate().filter_map(|(index, line)| Some((index, after_word((*line)?)?)));
    let Some((index, rest)) = commands.next() else { return Said::Nothing };
    if commands.next().is_some() {
        return Said::Wrong("this comment has two commands; give one a comment".to_owned());
    }
    let below: Vec<&str> = comment.lines().skip(index + 1).collect();
    match deed(rest, &below.join("\n")) {
        Ok(command) => Said::Command(command),
        Err(problem) => Said::Wrong(problem),
    }
}

/// What follows the word of the bot, when the line begins with it.
fn after_word(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return None;
    }
    let head = text.get(..WORD.len())?;
    let rest = text.get(WORD.len()..)?;
    (head.eq_ignore_ascii_case(WORD) && (rest.is_empty() || rest.starts_with([' ', '\t']))).then_some(rest.trim())
}

/// The lines of a comment that its author speaks: quotes, code blocks, HTML comments and `<pre>` are `None`.
fn spoken_lines(comment: &str) -> Vec<Option<&str>> {
    enum Inside {
        Nothing,
        Fence(char, usize),
        Html(&'static str),
    }
    let mut inside = Inside::Nothing;
    let mut lines = Vec::new();
    // The lines behind a quote or a list item belong to it until an empty one, as Markdown has it.
    let mut continues = false;
    for line in comment.lines() {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let mut spoken = None;
        match inside {
            Inside::Fence(mark, count) => {
                let run = text.chars().take_while(|letter| *letter == mark).count();
                if run >= count && indent <= 3 && text.chars().all(|letter| letter == mark || letter == ' ') {
                    inside = Inside::Nothing;
                }
            }
            Inside::Html(end) => {
                if line.to_ascii_lowercase().contains(end) {
                    inside = Inside::Nothing;
                }
            }
            Inside::Nothing => {
                let mark = text.chars().next().filter(|mark| matches!(mark, '`' | '~'));
                let run = mark.map_or(0, |mark| text.chars().take_while(|letter| *letter == mark).count());
                let lower = text.to_ascii_lowercase();
                let html =
                    [("<!--", "-->"), ("<pre", "</pre>"), ("<code", "</code>")].into_iter().find_map(|(start, end)| {
                        let at = lower.rfind(start)?;
                        (!lower.get(at..)?.contains(end)).then_some((at, end))
                    });
                if let (Some(mark), 3..) = (mark, run) {
                    inside = Inside::Fence(mark, run);
                } else if let Some((at, end)) = html {
                    inside = Inside::Html(end);
                    // What stands before it on its line is spoken.
                    spoken = (at > 0 && !continues && indent <= 3).then_some(line);
                } else if text.is_empty() {
                    continues = false;
                } else if text.starts_with('>') {
                    continues = true;
                } else if !continues && indent <= 3 && !line.starts_with('\t') {
                    spoken = Some(line);
                }
            }
        }
        lines.push(spoken);
    }
    lines
}

fn deed(rest: &str, below: &str) -> Result<Command, String> {
    let words = split(rest)?;
    let Some((first, others)) = words.split_first() else { return Ok(Command::Help) };
    let alone = |command: Command| {
        if others.is_empty() { Ok(command) } else { Err(format!("`{}` takes nothing behind it", shown(&first.text))) }
    };
    match first.text.as_str() {
        "help" => alone(Command::Help),
        "list" => alone(Command::List),
        "regenerate" => alone(Command::Regenerate),
        "generate" => specs(others).map(Command::Generate),
        "revise" => {
            let start = rest.get("revise".len()..).unwrap_or_default();
            let wish = text(&format!("{start}\n{below}"))?;
            wish.map(Command::Revise).ok_or_else(|| "say what to change: `/codegen revise <what to change>`".to_owned())
        }
        _ => wanted(&first.text, others, below).map(Command::Create),
    }
}

fn specs(words: &[Word]) -> Result<Vec<SpecId>, String> {
    if words.len() > MOST_ITEMS {
        return Err(format!("at most {MOST_ITEMS} specs a comment"));
    }
    let id = |word: &Word| {
        let path =
            RepoPath::parse(&word.text).map_err(|problem| format!("`{}` is no spec: {problem}", shown(&word.text)))?;
        Ok(SpecId::from_argument(path.as_str()))
    };
    words.iter().map(id).collect()
}

fn wanted(first: &str, others: &[Word], below: &str) -> Result<Wanted, String> {
    let known: Vec<&str> = FORMS.iter().filter_map(|form| form.word).collect();
    let near = nearest(first, known.iter().copied());
    let Some(pattern) = PatternRef::parse(first) else {
        return Err(format!("`{}` is no command and cannot be the name of a pattern", shown(first)));
    };
    let Some((name, facts)) = others.split_first() else {
        let meant = near.map_or_else(String::new, |near| format!("; did you mean `{WORD} {near}`?"));
        return Err(format!("`{WORD} {}` needs the name of what to generate, such as `Order`{meant}", shown(first)));
    };
    if name.text.contains('=') || !is_name(&name.text) {
        return Err(format!(
            "`{}` cannot be a name: a letter first, then letters, digits, `_` and `-`, at most 80",
            shown(&name.text)
        ));
    }
    let mut wanted =
        Wanted { pattern, name: name.text.clone(), language: None, facts: Vec::new(), description: text(below)? };
    if facts.len() > MOST_ITEMS {
        return Err(format!("at most {MOST_ITEMS} facts a comment; the rest belongs into the lines below"));
    }
    for word in facts {
        let Some((key, value)) = word.text.split_once('=') else {
            return Err(format!(
                "`{}` is no fact: write `key=value`, and longer texts below the command",
                shown(&word.text)
            ));
        };
        fact(&mut wanted, key, value)?;
    }
    Ok(wanted)
}

fn fact(wanted: &mut Wanted, key: &str, value: &str) -> Result<(), String> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if !key.starts_with(|first: char| first.is_ascii_lowercase()) || !key.chars().all(plain) || key.len() > 40 {
        return Err(format!("`{}` cannot be a key: lower-case letters, digits and `_`, at most 40", shown(key)));
    }
    if value.trim().is_empty() {
        return Err(format!("`{key}` has no value"));
    }
    if value.chars().count() > MOST_FACT {
        return Err(format!("the value of `{key}` is longer than {MOST_FACT} characters; write it below the command"));
    }
    if value.chars().any(is_hidden) {
        return Err(format!("the value of `{key}` has invisible characters"));
    }
    if wanted.facts.iter().any(|(known, _)| known == key) || (key == "language" && wanted.language.is_some()) {
        return Err(format!("`{key}` stands twice"));
    }
    if key == "language" {
        let choices = Language::ALL.map(Language::id);
        let found = Language::ALL.into_iter().find(|language| language.id() == value);
        let found =
            found.ok_or_else(|| format!("`{}` is none of the languages {}", shown(value), choices.join(", ")))?;
        wanted.language = Some(found);
    } else {
        wanted.facts.push((key.to_owned(), value.to_owned()));
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
        && text.len() <= 80
}

/// A text of the author: without invisible characters, bounded; `None` when nothing is left.
fn text(text: &str) -> Result<Option<String>, String> {
    let text = text.replace("\r\n", "\n").replace('\t', "    ");
    let kept: String = text.chars().filter(|letter| *letter == '\n' || !is_hidden(*letter)).collect();
    let kept: Vec<&str> = kept.trim().lines().map(str::trim_end).collect();
    let kept = kept.join("\n");
    if kept.chars().count() > MOST_TEXT {
        return Err(format!("the text is longer than {MOST_TEXT} characters; put it into a spec file"));
    }
    Ok((!kept.is_empty()).then_some(kept))
}

/// A word of the command line.
struct Word {
    text: String,
}

/// Splits at spaces; quotes keep a value together.
fn split(rest: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut open) = (false, false);
    for letter in rest.chars() {
        match letter {
            '"' => {
                quoted = !quoted;
                open = true;
            }
            ' ' | '\t' if !quoted => {
                if open {
                    words.push(Word { text: std::mem::take(&mut word) });
                }
                open = false;
            }
            _ => {
                word.push(letter);
                open = true;
            }
        }
    }
    // A wish may have one quotation mark.
    if quoted && !rest.starts_with("revise") {
        return Err("a quotation mark is not closed".to_owned());
    }
    if open {
        words.push(Word { text: word });
    }
    Ok(words)
}

/// A word of somebody, safe inside a code span of an answer.
fn shown(text: &str) -> String {
    inert(&shortened(text.lines().next().unwrap_or_default(), 60)).replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wanted(said: Said) -> Wanted {
        match said {
            Said::Command(Command::Create(wanted)) => wanted,
            other => panic!("{other:?}"),
        }
    }

    fn facts(wanted: &Wanted) -> Vec<(&str, &str)> {
        wanted.facts.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }

    #[test]
    fn the_forms_are_read() {
        let ids = |ids: &[&str]| ids.iter().map(|id| SpecId::from_argument(id)).collect::<Vec<_>>();
        for (comment, command) in [
            ("/codegen", Command::Help),
            ("/codegen help", Command::Help),
            ("  /codegen   list  ", Command::List),
            ("/Codegen list", Command::List),
            ("Thanks!\n\n/codegen generate", Command::Generate(vec![])),
            ("/codegen generate order a/b", Command::Generate(ids(&["order", "a/b"]))),
            ("/codegen generate .codegen/specs/order.yaml", Command::Generate(ids(&["order"]))),
            ("/codegen regenerate\r\n", Command::Regenerate),
            ("/codegen revise use a map", Command::Revise("use a map".into())),
            ("/codegen revise it's \"odd\n\nand more", Command::Revise("it's \"odd\n\nand more".into())),
            ("/codegen revise\nsort by date", Command::Revise("sort by date".into())),
            ("> /codegen list\n\n/codegen help", Command::Help),
            ("```\n/codegen list\n```\n/codegen help", Command::Help),
        ] {
            assert_eq!(parse(comment), Said::Command(command), "{comment:?}");
        }
    }

    #[test]
    fn a_wanted_spec_has_pattern_name_facts_and_text() {
        let plain = wanted(parse("/codegen repository Order"));
        assert_eq!(
            (plain.pattern.name.as_str(), plain.name.as_str(), plain.description),
            ("repository", "Order", None)
        );
        let full = wanted(parse(
            "/codegen repository@1 OrderLine storage=in-memory key=\"a uuid, v7\" language=go\r\n\r\nStores lines.\r\n```go\r\ntype Line struct{}\r\n```\r\n",
        ));
        assert_eq!(facts(&full), [("storage", "in-memory"), ("key", "a uuid, v7")]);
        assert_eq!(full.language, Some(Language::Go));
        assert_eq!(full.description.as_deref(), Some("Stores lines.\n```go\ntype Line struct{}\n```"));
        assert_eq!(full.pattern.to_string(), "repository@1");
    }

    #[test]
    fn what_is_not_said_to_the_bot_is_nothing() {
        for comment in [
            "",
            "no command here",
            "please /codegen list",
            "/codegens list",
            "/codegen-x list",
            "> /codegen list",
            "> quoted\n/codegen list",
            ">> /codegen list",
            "    /codegen list",
            "\t/codegen list",
            "```\n/codegen list\n```",
            "````md\n```\n/codegen list\n```\n````",
            "~~~\n/codegen list",
            "`/codegen list`",
            "<!-- \n/codegen list\n-->",
            "<pre>\n/codegen list\n</pre>",
            "* /codegen list",
            "\u{202e}/codegen list",
        ] {
            assert_eq!(parse(comment), Said::Nothing, "{comment:?}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_said_with_a_reason() {
        let long = format!("/codegen repository Order\n{}", "x".repeat(20_000));
        for (comment, reason) in [
            ("/codegen repository", "needs the name"),
            ("/codegen generat", "did you mean `/codegen generate`?"),
            ("/codegen repository ../../etc", "cannot be a name"),
            ("/codegen repository $(rm -rf /)", "cannot be a name"),
            ("/codegen repository Order;reboot", "cannot be a name"),
            ("/codegen ../../x Order", "cannot be the name of a pattern"),
            ("/codegen {{config}} Order", "cannot be the name of a pattern"),
            ("/codegen repository Order storage", "write `key=value`"),
            ("/codegen repository Order Key=1", "cannot be a key"),
            ("/codegen repository Order a=1 a=2", "stands twice"),
            ("/codegen repository Order a=", "has no value"),
            ("/codegen repository Order a=\"b", "not closed"),
            ("/codegen repository Order a=b\u{202e}c", "invisible"),
            ("/codegen repository Order language=cobol", "none of the languages rust"),
            ("/codegen list\n/codegen help", "two commands"),
            ("/codegen list all", "takes nothing behind it"),
            ("/codegen generate ../x", "leaves the repository"),
            ("/codegen generate /etc/passwd", "absolute"),
            ("/codegen revise", "say what to change"),
            (&long, "longer than 16000"),
        ] {
            let Said::Wrong(said) = parse(comment) else { panic!("{comment:?}: {:?}", parse(comment)) };
            assert!(said.contains(reason), "{comment:?}: {said}");
        }
    }

    #[test]
    fn words_of_others_are_shown_harmless() {
        for comment in [
            "/codegen @everyone Order",
            "/codegen <img> Order",
            "/codegen ``` Order",
            "/codegen repository @all",
            "/codegen repository Order <!--=x",
        ] {
            let Said::Wrong(said) = parse(comment) else { panic!("{comment:?}") };
            assert!(
                !said.contains("@e") && !said.contains("@a") && !said.contains('<') && !said.contains("```"),
                "{said}"
            );
        }
    }

    proptest! {
        #[test]
        fn never_panics(comment in any::<String>()) {
            parse(&comment);
        }

        #[test]
        fn never_panics_near_commands(parts in proptest::collection::vec("/codegen|generate|revise|repository|Order|[a-z]=|\"|`{1,4}|>|\\n|\\t| |<!--|-->|<pre>|é|\u{202e}|😀|@|\\.\\./", 0..30)) {
            if let Said::Command(Command::Create(wanted)) = parse(&parts.concat()) {
                prop_assert!(is_name(&wanted.name));
                prop_assert!(wanted.facts.iter().all(|(_, value)| !value.chars().any(is_hidden)));
            }
        }
    }
}
