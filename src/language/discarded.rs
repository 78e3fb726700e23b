//! Discarded values: a call above that gives what a name below stands for, and whose value nobody took.
//!
//! `self.get(order_id)` in a line of its own, and `order.paid` in the next. In Go the other way round: a name that takes a value, and that nobody
//! uses.

use std::collections::BTreeSet;

use ast_grep_core::tree_sitter::LanguageExt as _;

use super::Language;
use super::cut::with_line;
use super::outline::{Item, Kind, all_items};
use crate::relevance::words;
use crate::text::{indentation, places_of, with_word};

/// The text in which the nearest call above `line`, from 1, whose value was thrown away gives it to the local `name`. None where the
/// function at `line` has no such call of a function that the text declares, that returns something and that has to do with the name, or
/// gives the name a value already.
pub fn with_value_kept(language: Language, text: &str, name: &str, line: usize) -> Option<String> {
    let keyword = match language {
        Language::Python => "",
        Language::Rust => "let ",
        Language::TypeScript => "const ",
        // A function of Go mostly has an error beside its value, and `javac` names the symbol in a line of its own.
        Language::Go | Language::Java => return None,
    };
    let functions: Vec<Item> =
        all_items(language, text).into_iter().filter(|item| item.kind == Kind::Function).collect();
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let here = *starts.get(line.checked_sub(1)?)?;
    let inside = functions.iter().filter(|item| item.whole.contains(&here)).min_by_key(|item| item.whole.len())?;
    let line_at = |at: usize| text.get(at..)?.lines().next();
    let given = format!("{keyword}{name} = ");
    if text.get(inside.core.clone())?.lines().any(|line| line.trim_start().starts_with(&given)) {
        return None;
    }
    let root = language.grammar().ast_grep(text);
    let statements = root.root();
    let statements: Vec<usize> =
        statements.dfs().filter(|node| node.kind() == "expression_statement").map(|node| node.range().start).collect();
    let about: Vec<String> = words(name).collect();
    let gives = |call: &str, callee: &str| {
        let own = functions.iter().filter(|item| item.name == callee && item.core != inside.core);
        own.filter_map(|item| text.get(item.core.clone())).any(|function| {
            let head = function.lines().next().unwrap_or_default();
            let known: BTreeSet<String> = words(call).chain(words(head)).collect();
            returns(language, function) && about.iter().all(|word| known.contains(word))
        })
    };
    let mut most = indentation(line_at(here)?);
    let above = starts.iter().rev().filter(|at| (inside.core.start + 1..here).contains(at));
    let found = above.filter_map(|at| Some((*at, line_at(*at)?))).filter(|(_, line)| !line.trim().is_empty()).find(
        |(at, line)| {
            // What stands deeper than a line between may not have run.
            let is_open = indentation(line) <= most && statements.contains(&(at + indentation(line)));
            most = most.min(indentation(line));
            is_open && callee_of(line.trim()).is_some_and(|callee| gives(line, callee))
        },
    );
    let (at, call) = found?;
    let indent = at + indentation(call);
    Some(format!("{}{keyword}{name} = {}", text.get(..indent)?, text.get(indent..)?))
}

/// The function of its own class or file that a line calls, when that is all it does: `get` of `self.get(id)?;`.
fn callee_of(line: &str) -> Option<&str> {
    let call = line.trim_end_matches([';', '?']).strip_suffix(')')?;
    let (path, arguments) = call.split_once('(')?;
    let name = ["self.", "this.", "Self::"].iter().find_map(|owner| path.strip_prefix(owner)).unwrap_or(path);
    let is_name = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    // `a(b).c(d)` is another call than its first one.
    let mut open = 1_usize;
    let is_one = arguments.chars().all(|letter| {
        match letter {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        open > 0
    });
    (is_name && is_one && name.starts_with(|letter: char| letter.is_lowercase() || letter == '_')).then_some(name)
}

/// Whether a function returns something.
fn returns(language: Language, text: &str) -> bool {
    if language == Language::Rust {
        let head = text.split('{').next().unwrap_or_default();
        return head.rsplit_once("->").is_some_and(|(_, given)| !given.contains("Result<()"));
    }
    let values = text.lines().filter_map(|line| line.trim().strip_prefix("return "));
    values.map(|value| value.trim_matches([' ', ';'])).any(|value| !["", "None", "null", "undefined"].contains(&value))
}

/// A text in which the line gives a value of several to nothing, as Go wants it where a name is not used: `for _, order := range orders`.
pub fn with_value_discarded(text: &str, name: &str, number: usize) -> Option<String> {
    let line = text.lines().nth(number.checked_sub(1)?)?;
    let (names, value) = line.split_once(":=")?;
    let others = names_beside(names, name);
    (places_of(names, name).count() == 1 && others > 0)
        .then(|| with_line(text, number, &format!("{}:={value}", with_word(names, name, "_"))))
}

/// How many other names a list of names has, which would still be given a value.
fn names_beside(names: &str, name: &str) -> usize {
    names.split(',').filter_map(|part| part.split_whitespace().last()).filter(|own| *own != name && *own != "_").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_call_that_gives_something_keeps_its_value() {
        let text = "class A:\n    def get(self, key) -> Order:\n        return self.all[key]\n\n    def check(self):\n        pass\n\n    def delete(self, key):\n        self.get(key)\n        self.check()\n        if order.paid:\n            raise Paid(key)\n";
        assert_eq!(
            with_value_kept(Language::Python, text, "order", 11),
            Some(text.replace("        self.get(key)\n", "        order = self.get(key)\n"))
        );
        let deeper = text.replace("        self.get(key)\n", "        if key:\n            self.get(key)\n");
        assert_eq!(with_value_kept(Language::Python, &deeper, "order", 12), None, "it may not run");
        let branch = text.replace(
            "        self.get(key)\n        self.check()\n        if order.paid:\n",
            "        if key:\n            self.get(key)\n        else:\n            order.pay()\n",
        );
        assert_eq!(with_value_kept(Language::Python, &branch, "order", 12), None, "of another branch");
        let kept = text.replace("        self.get(key)\n", "        order = self.get(key)\n");
        assert_eq!(with_value_kept(Language::Python, &kept, "order", 11), None, "it has a value");
        assert_eq!(with_value_kept(Language::Python, text, "uuid", 11), None, "another thing");
        let none = text.replace("return self.all[key]", "return None");
        assert_eq!(with_value_kept(Language::Python, &none, "order", 11), None, "nothing is given");
        assert_eq!(with_value_kept(Language::Python, text, "order", 3), None);
        assert_eq!(with_value_kept(Language::Python, text, "order", 99), None);
    }

    #[test]
    fn each_language_declares_in_its_way() {
        let rust = "fn get(id: u64) -> Result<Order, E> {\n    find(id)\n}\n\nfn check() -> Result<(), E> {\n    Ok(())\n}\n\nfn delete(id: u64) {\n    get(id)?;\n    check()?;\n    order.paid();\n}\n";
        assert_eq!(
            with_value_kept(Language::Rust, rust, "order", 12),
            Some(rust.replace("    get(id)?;", "    let order = get(id)?;"))
        );
        let script = "class A {\n  get(id: number): Order {\n    return this.all[id];\n  }\n\n  delete(id: number): void {\n    this.get(id);\n    if (order.paid) {\n    }\n  }\n}\n";
        assert_eq!(
            with_value_kept(Language::TypeScript, script, "order", 8),
            Some(script.replace("    this.get(id);", "    const order = this.get(id);"))
        );
    }

    #[test]
    fn only_a_call_that_is_the_whole_line_has_its_value_thrown_away() {
        for (line, callee) in [
            ("self.get(id)?;", Some("get")),
            ("Self::find(a(1), b(2))", Some("find")),
            ("find(id)", Some("find")),
            ("self.store.get(id)?;", None),
            ("find(id).get(id)", None),
            ("return get(id)", None),
            ("get(id).unwrap();", None),
            ("order = get(id)", None),
            ("if get(id):", None),
            ("Order(id)", None),
        ] {
            assert_eq!(callee_of(line), callee, "{line}");
        }
    }

    #[test]
    fn one_of_several_values_is_given_to_nothing() {
        let text = "for id, order := range orders {\n\tfound, err := find(id, order)\n\tfor id := range ids {\n\t_, last := pair()\n";
        let discarded = |name: &str, line: usize| {
            with_value_discarded(text, name, line).and_then(|text| text.lines().nth(line - 1).map(str::to_owned))
        };
        assert_eq!(discarded("id", 1).as_deref(), Some("for _, order := range orders {"));
        assert_eq!(discarded("found", 2).as_deref(), Some("\t_, err := find(id, order)"));
        assert_eq!(discarded("id", 2), None, "it is no name of this line");
        assert_eq!(discarded("id", 3), None, "nothing would be declared");
        assert_eq!(discarded("last", 4), None);
        assert_eq!((discarded("id", 9), discarded("id", 0)), (None, None));
    }
}
