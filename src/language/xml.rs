//! The tags of an XML report that a tool wrote, one after the other; enough for reports, whose form is known.

/// A tag: what stands between the angle brackets, without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'t>(&'t str);

impl<'t> Tag<'t> {
    /// Its name; that of a closing tag starts with `/`.
    pub fn name(self) -> &'t str {
        let end = self.0.find(|letter: char| letter.is_whitespace()).unwrap_or(self.0.len());
        self.0.get(..end).unwrap_or_default().trim_end_matches('/')
    }

    /// Whether nothing follows that closes it.
    pub fn is_empty(self) -> bool {
        self.0.ends_with('/')
    }

    /// The value of an attribute, with the five entities of XML read.
    pub fn attribute(self, name: &str) -> Option<String> {
        let mut rest = self.0.get(self.name().len()..)?;
        while let Some((key, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, more) = after.strip_prefix(quote)?.split_once(quote)?;
            if key.trim() == name {
                let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
                let read = |text: String, (entity, letter): (&str, &str)| text.replace(entity, letter);
                return Some(entities.into_iter().fold(value.to_owned(), read));
            }
            rest = more;
        }
        None
    }
}

/// The tags of a text. What stands in comments and in `CDATA`, as what tests printed does, is no tag.
pub fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('<')?;
            let closed_by = if after.starts_with("![CDATA[") {
                "]]>"
            } else if after.starts_with("!--") {
                "-->"
            } else {
                let end = end_of_tag(after)?;
                rest = after.get(end + 1..)?;
                return Some(Tag(after.get(..end)?));
            };
            rest = after.split_once(closed_by)?.1;
        }
    })
}

/// Where a tag ends: at the first `>` that stands in no quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, letter)| {
        match (quote, letter) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_names_and_attributes_and_what_was_printed_is_none() {
        let text = "<?xml version=\"1.0\"?><!-- <a x=\"0\"/> --><a name='b' x = \"1 &lt; 2 > &amp;lt;\"><c/><out><![CDATA[<a x=\"3\"/>]]]]><![CDATA[>]]></out></a>";
        let found: Vec<_> = tags(text).map(|tag| (tag.name(), tag.is_empty(), tag.attribute("x"))).collect();
        assert_eq!(
            found,
            [
                ("?xml", false, None),
                ("a", false, Some("1 < 2 > &lt;".to_owned())),
                ("c", true, None),
                ("out", false, None),
                ("/out", false, None),
                ("/a", false, None)
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(<|>|'|\"|=|/| |!--|-->|!\\[CDATA\\[|\\]\\]>|\\PC){0,80}") {
            for tag in tags(&text) {
                let _ = (tag.name(), tag.attribute("x"));
            }
        }
    }
}
