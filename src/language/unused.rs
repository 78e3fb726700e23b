//! Unused locals: a name that a line gives a value which nothing computes, and that nobody reads.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::cut::cut_lines;
use crate::text::has_word;

/// A statement of one line that gives a local name a value without a call, or by one that does nothing else: `let sender = &self.config.sender;`,
/// `limit := c.limit`, `ctx := context.Background()`, `req := httptest.NewRequest("GET", "/", nil)`.
static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"^\s*(?:let mut |let |const |final |var )?(?:(?:[A-Z]\w*(?:<[\w, ]+>)?|int|long|double|boolean) )?(?P<name>\w+)(?: ?: ?[\w&<>\[\], |.:]+)? :?= (?P<value>[\w&. \-+*\[\]"':]+|context\.(?:Background|TODO)\(\)|httptest\.New(?:Request|Recorder)\((?:[^()]|\([^()]*\))*\));?$"#,
    )
    .ok()
});

/// The text without the statement at `line`, from 1, that gives this local name a value. None where that is not all that it does.
pub fn without_local(text: &str, name: &str, line: usize) -> Option<String> {
    let statement = text.lines().nth(line.checked_sub(1)?)?;
    let given = GIVEN.as_ref()?.captures(statement)?;
    let is_local = statement.starts_with([' ', '\t']) && given.name("name")?.as_str() == name;
    // These do something without a bracket.
    let acts = ["await", "yield"].iter().any(|word| has_word(statement, word));
    (is_local && !acts).then(|| cut_lines(text, &BTreeSet::from([line])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_that_nobody_reads_goes_with_its_value() {
        for statement in [
            "    let sender = &self.config.sender;",
            "    let mut limit: usize = 3;",
            "  const limit = this.limit;",
            "  const limit: number = this.limits[0];",
            "    limit: int = self._limit",
            "\tlimit := c.limit",
            "\tlimit := context.Background()",
            "\tlimit := httptest.NewRequest(\"GET\", \"/\", strings.NewReader(\"a\"))",
            "        final int limit = config.limit;",
            "        String limit = \"a\";",
        ] {
            let name = if statement.contains("sender") { "sender" } else { "limit" };
            let text = format!("a {{\n{statement}\n    b()\n}}\n");
            assert_eq!(without_local(&text, name, 2).as_deref(), Some("a {\n    b()\n}\n"), "{statement}");
        }
    }

    #[test]
    fn what_does_more_or_stands_elsewhere_stays() {
        for statement in [
            "    let sender = take(&mut self.sender);",
            "    sender = yield",
            "    const sender = await this.sender;",
            "    let (sender, rest) = parts;",
            "    let sender = Sender {",
            "    let other = sender;",
            "sender = 1",
        ] {
            let text = format!("a {{\n{statement}\n}}\n");
            assert_eq!(without_local(&text, "sender", 2), None, "{statement}");
        }
        assert_eq!(without_local("    let a = b;\n", "a", 2), None);
        assert_eq!(without_local("    let a = b;\n", "a", 0), None);
    }
}
