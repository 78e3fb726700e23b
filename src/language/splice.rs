//! The splice: a text in which some items are replaced or added by those of another, shorter text.
//!
//! It lets a model answer with the functions that change and not with the whole file. What the part names is replaced, what
//! is new is added, what it does not name stays. An item that could mean two places is a problem, never a guess.

use std::ops::Range;

use super::Language;
use super::outline::{Item, Kind, outline};
use crate::text::indentation;

/// Why a part cannot be spliced in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpliceProblem {
    /// Nothing in it has a name.
    #[error("the block has no function, type or import")]
    Nothing,
    /// A name that stands in several places.
    #[error(
        "`{0}` stands in several places of the file: write the block around it too (its `impl`, class or receiver)"
    )]
    Ambiguous(String),
}

/// Replaces and adds the items of `part` in `whole`. A part that has nearly all items of the whole is the whole file.
pub fn splice(language: Language, whole: &str, part: &str) -> Result<String, SpliceProblem> {
    let (old, new) = (outline(language, whole), outline(language, part));
    if new.is_empty() {
        return Err(SpliceProblem::Nothing);
    }
    if is_whole(&old, &new) {
        return Ok(part.to_owned());
    }
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut anchor = None;
    for item in &new {
        place(language, whole, part, &old, item, &mut anchor, &mut edits)?;
    }
    Ok(applied(whole, edits))
}

/// Replaces the one item at `at` by the item of the same name in `part`, and adds what the part has beside it that is new.
/// Nothing else is replaced.
pub fn splice_at(language: Language, whole: &str, at: &Item, part: &str) -> Result<String, SpliceProblem> {
    let (old, new) = (outline(language, whole), outline(language, part));
    let named = |item: &&Item| item.kind == at.kind && (item.key == at.key || item.name == at.name);
    let all = new.iter().chain(new.iter().flat_map(|item| &item.members));
    let found = all.clone().find(|item| item.key == at.key).or_else(|| all.clone().find(named));
    let Some(found) = found else { return Err(SpliceProblem::Nothing) };
    let mut edits = vec![replacement(whole, part, at, found)];
    let holds =
        |outer: &Item, inner: &Item| outer.whole.start <= inner.whole.start && inner.whole.end <= outer.whole.end;
    for item in new.iter().filter(|item| !holds(item, found)) {
        match item.kind {
            Kind::Import if old.iter().all(|other| other.key != item.key) => {
                edits.push(beside_imports(whole, &old, cut(part, &item.whole)));
            }
            Kind::Function | Kind::Other if old.iter().all(|other| other.name != item.name) => {
                let member = column(whole, at.whole.start) > 0;
                let outer = old.iter().find(|outer| member && holds(outer, at));
                edits.push(match outer {
                    Some(outer) => added_member(language, whole, part, outer, item),
                    None => (at.whole.end..at.whole.end, format!("\n\n{}", cut(part, &item.whole))),
                });
            }
            _ => {}
        }
    }
    Ok(applied(whole, edits))
}

/// Adds the declaration of a name that the whole has not got, with what else is new in the part; it goes before the item at
/// `line`, from 1, which uses it. Nothing is replaced.
pub fn splice_new(
    language: Language,
    whole: &str,
    name: &str,
    line: usize,
    part: &str,
) -> Result<String, SpliceProblem> {
    let (old, new) = (outline(language, whole), outline(language, part));
    let is_new = |item: &&Item| old.iter().all(|other| other.key != item.key);
    let (imports, declared): (Vec<&Item>, Vec<&Item>) =
        new.iter().filter(is_new).partition(|item| item.kind == Kind::Import);
    if declared.iter().all(|item| item.name != name) {
        return Err(SpliceProblem::Nothing);
    }
    let start: usize = whole.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let user = old.iter().find(|item| item.kind != Kind::Import && item.whole.end > start);
    let text = declared.iter().map(|item| cut(part, &item.whole)).collect::<Vec<_>>().join("\n\n");
    let end = whole.trim_end().len();
    let mut edits = vec![match user {
        Some(user) => (user.whole.start..user.whole.start, format!("{text}\n\n")),
        None => (end..end, format!("\n\n{text}")),
    }];
    edits.extend(imports.iter().map(|item| beside_imports(whole, &old, cut(part, &item.whole))));
    Ok(applied(whole, edits))
}

/// Later places first, so that earlier ones stay where they are; insertions at one place keep their order.
fn applied(whole: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    let mut out = whole.to_owned();
    edits.sort_by_key(|(range, _)| range.start);
    for (range, text) in edits.into_iter().rev() {
        if out.get(range.clone()).is_some() {
            out.replace_range(range, &text);
        }
    }
    out
}

/// Whether a part stands for the whole file: it has all that the file has, but for a tenth.
fn is_whole(old: &[Item], new: &[Item]) -> bool {
    let members = |items: &[Item]| items.iter().map(|item| 1 + item.members.len()).sum::<usize>();
    let (had, has) = (members(old), members(new));
    let keeps = old.iter().filter(|item| new.iter().any(|other| other.key == item.key)).count();
    has * 10 >= had * 9 && keeps * 10 >= old.len() * 9
}

fn place(
    language: Language,
    whole: &str,
    part: &str,
    old: &[Item],
    item: &Item,
    anchor: &mut Option<usize>,
    edits: &mut Vec<(Range<usize>, String)>,
) -> Result<(), SpliceProblem> {
    let known = old.iter().find(|other| other.key == item.key);
    if item.kind == Kind::Import {
        if known.is_none() {
            let text = cut(part, &item.whole).to_owned();
            edits.push(beside_imports(whole, old, &text));
        }
        return Ok(());
    }
    if let Some(known) = known {
        *anchor = Some(known.whole.end);
        if item.kind == Kind::Container && known.kind == Kind::Container && !known.members.is_empty() {
            return merge_members(language, whole, part, known, item, edits);
        }
        edits.push(replacement(whole, part, known, item));
        return Ok(());
    }
    // A function on its own may be a member: the one place where it stands, or the one that has a body.
    if item.kind == Kind::Function {
        let name = item.key.rsplit(['.', ' ']).next().unwrap_or_default();
        let homes: Vec<&Item> = old
            .iter()
            .flat_map(|outer| outer.members.iter().chain(std::iter::once(outer)))
            .filter(|other| other.kind == Kind::Function && other.key.rsplit(['.', ' ']).next() == Some(name))
            .collect();
        let has_body = |home: &&Item| cut(whole, &home.core).trim_end().ends_with('}');
        let bodies: Vec<&Item> = homes.iter().copied().filter(has_body).collect();
        match (homes.as_slice(), bodies.as_slice()) {
            ([], _) => {}
            ([home], _) | (_, [home]) => {
                edits.push(replacement(whole, part, home, item));
                return Ok(());
            }
            _ => return Err(SpliceProblem::Ambiguous(item.name.clone())),
        }
        if let Some(outer) = home_of_method(language, part, item, old) {
            edits.push(added_member(language, whole, part, outer, item));
            return Ok(());
        }
    }
    let at = anchor.unwrap_or(whole.trim_end().len());
    edits.push((at..at, format!("\n\n{}", cut(part, &item.whole))));
    Ok(())
}

/// A new method without its container belongs to the one container there is, when the language tells methods.
fn home_of_method<'i>(language: Language, part: &str, item: &Item, old: &'i [Item]) -> Option<&'i Item> {
    let text = cut(part, &item.core);
    let parameters = text.split_once('(').map_or("", |(_, rest)| rest).trim_start();
    let is_method = match language {
        Language::Rust => ["&self", "&mut self", "self", "mut self"].iter().any(|own| parameters.starts_with(own)),
        Language::Python => parameters.starts_with("self"),
        // There are no others.
        Language::Java => true,
        Language::Go | Language::TypeScript => false,
    };
    let own = |outer: &&Item| {
        let abstracts = ["trait", "interface "].iter().any(|word| outer.key.starts_with(word));
        outer.kind == Kind::Container && !outer.key.contains(" for ") && !abstracts
    };
    let mut homes = old.iter().filter(own).filter(|outer| !outer.members.is_empty());
    match (homes.next(), homes.next()) {
        (Some(home), None) if is_method => Some(home),
        _ => None,
    }
}

fn merge_members(
    language: Language,
    whole: &str,
    part: &str,
    known: &Item,
    item: &Item,
    edits: &mut Vec<(Range<usize>, String)>,
) -> Result<(), SpliceProblem> {
    for member in &item.members {
        let same: Vec<&Item> = known.members.iter().filter(|other| other.key == member.key).collect();
        match same.as_slice() {
            [] => edits.push(added_member(language, whole, part, known, member)),
            [other] if other.kind == Kind::Container && !other.members.is_empty() => {
                merge_members(language, whole, part, other, member, edits)?;
            }
            [other] => edits.push(replacement(whole, part, other, member)),
            _ => return Err(SpliceProblem::Ambiguous(member.name.clone())),
        }
    }
    Ok(())
}

/// A new member at the end of what holds it, as far in as the first one.
fn added_member(language: Language, whole: &str, part: &str, home: &Item, member: &Item) -> (Range<usize>, String) {
    let indent = home.members.first().map_or(4, |first| column(whole, first.whole.start));
    let text = shifted(cut(part, &member.whole), column(part, member.whole.start), indent);
    let lead = " ".repeat(indent);
    // In Python nothing closes a body; elsewhere the brace goes on a line of its own.
    let text = match language {
        Language::Python => format!("\n\n{lead}{text}"),
        _ => format!("\n{lead}{text}\n"),
    };
    (home.end_of_members..home.end_of_members, text)
}

/// The new text of an item. Comments and attributes that the part leaves out stay.
fn replacement(whole: &str, part: &str, old: &Item, new: &Item) -> (Range<usize>, String) {
    let (target, source) =
        if new.is_headed() { (old.whole.clone(), &new.whole) } else { (old.core.clone(), &new.core) };
    let text = shifted(cut(part, source), column(part, source.start), column(whole, target.start));
    (target, text)
}

/// After the last import, else before the first item.
fn beside_imports(whole: &str, old: &[Item], text: &str) -> (Range<usize>, String) {
    if let Some(last) = old.iter().rfind(|item| item.kind == Kind::Import) {
        return (last.whole.end..last.whole.end, format!("\n{text}"));
    }
    let at = old.first().map_or(whole.len(), |first| first.whole.start);
    (at..at, format!("{text}\n\n"))
}

fn cut<'t>(text: &'t str, range: &Range<usize>) -> &'t str {
    text.get(range.clone()).unwrap_or_default()
}

/// A part of a text as it would stand at the start of a line.
pub fn lifted(text: &str, range: &Range<usize>) -> String {
    lifted_from(text, range.start, cut(text, range))
}

/// What is shown of a part that begins there, as it would stand at the start of a line.
pub fn lifted_from(text: &str, start: usize, part: &str) -> String {
    shifted(part, column(text, start), 0)
}

/// Columns of white space before a place on its line.
fn column(text: &str, at: usize) -> usize {
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    indentation(line)
}

/// Moves every line but the first, which is cut behind its indentation, from one indentation to another.
fn shifted(text: &str, from: usize, to: usize) -> String {
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        out.push('\n');
        let own = indentation(line);
        let rest = line.get(from.min(own)..).unwrap_or(line);
        if !rest.trim().is_empty() {
            out.push_str(&" ".repeat(to));
            out.push_str(rest);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_that_is_missing_goes_before_what_uses_it() {
        for (language, whole, part, line, result) in [
            (
                Language::Go,
                "package a\n\nimport \"fmt\"\n\n// B does.\nfunc B() error {\n\treturn ErrB\n}\n",
                "import \"errors\"\n\n// ErrB says so.\nvar ErrB = errors.New(\"b\")\n\nfunc B() error {\n\treturn nil\n}\n",
                7,
                "package a\n\nimport \"fmt\"\nimport \"errors\"\n\n// ErrB says so.\nvar ErrB = errors.New(\"b\")\n\n// B does.\nfunc B() error {\n\treturn ErrB\n}\n",
            ),
            (
                Language::Rust,
                "fn b() -> ErrB {\n    ErrB\n}\n",
                "/// It.\npub struct ErrB;\n\nimpl Error for ErrB {}\n",
                1,
                "/// It.\npub struct ErrB;\n\nimpl Error for ErrB {}\n\nfn b() -> ErrB {\n    ErrB\n}\n",
            ),
        ] {
            assert_eq!(splice_new(language, whole, "ErrB", line, part).unwrap(), result, "{language}");
            assert!(splice_new(language, whole, "Other", line, part).is_err());
        }
    }

    #[test]
    fn a_function_is_replaced_where_it_stands() {
        for (language, whole, part, result) in [
            (
                Language::Rust,
                "use a::A;\n\nimpl A {\n    /// B.\n    pub fn b(&self) -> u8 {\n        1\n    }\n\n    fn c() {}\n}\n",
                "impl A {\n    pub fn b(&self) -> u8 {\n        2\n    }\n}\n",
                "use a::A;\n\nimpl A {\n    /// B.\n    pub fn b(&self) -> u8 {\n        2\n    }\n\n    fn c() {}\n}\n",
            ),
            (
                Language::Rust,
                "trait T {\n    fn b(&self);\n}\n\nimpl T for A {\n    fn b(&self) {\n        one();\n    }\n}\n\nstruct S;\n",
                "fn b(&self) {\n    two();\n}\n",
                "trait T {\n    fn b(&self);\n}\n\nimpl T for A {\n    fn b(&self) {\n        two();\n    }\n}\n\nstruct S;\n",
            ),
            (
                Language::Go,
                "package a\n\nimport \"errors\"\n\n// B does.\nfunc (a *A) B() int {\n\treturn 1\n}\n\nfunc C() {}\n\nfunc D() {}\n",
                "package a\n\nimport \"fmt\"\n\nfunc (a *A) B() int {\n\treturn 2\n}\n",
                "package a\n\nimport \"errors\"\nimport \"fmt\"\n\n// B does.\nfunc (a *A) B() int {\n\treturn 2\n}\n\nfunc C() {}\n\nfunc D() {}\n",
            ),
            (
                Language::Python,
                "class A:\n    \"\"\"A.\"\"\"\n\n    def b(self):\n        return 1\n\n    def c(self):\n        return 3\n",
                "def b(self):\n    return 2\n",
                "class A:\n    \"\"\"A.\"\"\"\n\n    def b(self):\n        return 2\n\n    def c(self):\n        return 3\n",
            ),
            (
                Language::TypeScript,
                "describe('s', () => {\n  // happy path: a\n  it('a', () => {\n    f(1);\n  });\n\n  it('b', () => {});\n});\n",
                "describe('s', () => {\n  it('a', () => {\n    f(2);\n  });\n});\n",
                "describe('s', () => {\n  // happy path: a\n  it('a', () => {\n    f(2);\n  });\n\n  it('b', () => {});\n});\n",
            ),
        ] {
            assert_eq!(splice(language, whole, part).unwrap(), result, "{language}");
        }
    }

    #[test]
    fn what_is_new_is_added() {
        let whole = "use a::A;\n\nstruct S;\n\nimpl S {\n    fn b() {}\n}\n\nfn last() {}\n";
        let part = "use b::B;\n\nfn help() -> u8 {\n    1\n}\n\nimpl S {\n    fn c() {}\n}\n";
        assert_eq!(
            splice(Language::Rust, whole, part).unwrap(),
            "use a::A;\nuse b::B;\n\nstruct S;\n\nimpl S {\n    fn b() {}\n\n    fn c() {}\n}\n\nfn last() {}\n\nfn help() -> u8 {\n    1\n}\n"
        );
        let whole =
            "class A:\n    def b(self):\n        return 1\n\n\ndef f():\n    return 0\n\n\ndef g():\n    return 0\n";
        let part = "class A:\n    def c(self):\n        return 2\n";
        assert_eq!(
            splice(Language::Python, whole, part).unwrap(),
            "class A:\n    def b(self):\n        return 1\n\n    def c(self):\n        return 2\n\n\ndef f():\n    return 0\n\n\ndef g():\n    return 0\n"
        );
    }

    #[test]
    fn a_method_of_java_without_its_class_finds_its_place() {
        let whole = "package a;\n\nimport b.C;\n\nclass A {\n  int b() {\n    return 1;\n  }\n\n  int c() {\n    return 2;\n  }\n}\n";
        let part = "import b.D;\n\n/** Three. */\nint c() {\n  return 3;\n}\n\nint d() {\n  return 4;\n}\n";
        assert_eq!(
            splice(Language::Java, whole, part).unwrap(),
            "package a;\n\nimport b.C;\nimport b.D;\n\nclass A {\n  int b() {\n    return 1;\n  }\n\n  /** Three. */\n  int c() {\n    return 3;\n  }\n\n  int d() {\n    return 4;\n  }\n}\n"
        );
    }

    #[test]
    fn a_whole_file_is_taken_as_it_is() {
        let whole = "fn a() {}\n\nfn b() {}\n";
        let part = "fn a() {}\n\nfn b() {\n    c();\n}\n\nfn c() {}\n";
        assert_eq!(splice(Language::Rust, whole, part).unwrap(), part);
    }

    #[test]
    fn what_is_unclear_is_refused() {
        let whole = "impl A {\n    fn b(&self) {}\n}\n\nimpl B {\n    fn b(&self) {}\n}\n\nstruct S;\n\nstruct T;\n";
        assert_eq!(
            splice(Language::Rust, whole, "fn b(&self) {\n    c();\n}\n"),
            Err(SpliceProblem::Ambiguous("b".into()))
        );
        assert_eq!(splice(Language::Rust, whole, "Here you are.\n"), Err(SpliceProblem::Nothing));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(whole in "\\PC{0,120}", part in "\\PC{0,120}") {
            for language in Language::ALL {
                let _ = splice(language, &whole, &part);
            }
        }
    }
}
