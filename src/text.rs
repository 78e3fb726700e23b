//! Words for people that more than one room needs.

/// Bytes of white space that a line begins with.
pub fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A number with its noun.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A text from outside made harmless for Markdown on GitHub: it calls nobody, links to no issue, hides no markers, opens no
/// tags, and changes no direction of writing. Line breaks stay.
pub fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '<' => out.push_str("&lt;"),
            // A character without width behind it keeps a mention from being one.
            '@' => out.push_str("@\u{200b}"),
            '#' if letters.peek().is_some_and(char::is_ascii_digit) => out.push_str("#\u{200b}"),
            '\n' => out.push('\n'),
            '\t' => out.push(' '),
            _ if is_hidden(letter) => {}
            _ => out.push(letter),
        }
    }
    out
}

/// Characters that show nothing and change how others are read: controls, marks of direction, invisible ones, tags.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// The first characters of a text, with `…` when some were left out.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The sentences of a text.
pub fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let ends = [". ", ".\n", "\n\n", "\n- "];
    let mut parts = vec![text];
    for end in ends {
        parts = parts.into_iter().flat_map(|part| part.split_inclusive(end)).collect();
    }
    parts.into_iter().map(|part| part.trim_end_matches("\n- ").trim()).filter(|part| !part.is_empty())
}

/// The names and words of a text, in its order: what letters, digits and underscores make.
pub fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// Whether a text has a name as a word of its own, not as a part of a longer one.
pub fn has_word(text: &str, name: &str) -> bool {
    places_of(text, name).next().is_some()
}

/// A text with another name wherever it has this one as a word of its own.
pub fn with_word(text: &str, name: &str, other: &str) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for place in places_of(text, name) {
        out.push_str(text.get(at..place).unwrap_or_default());
        out.push_str(other);
        at = place + name.len();
    }
    out + text.get(at..).unwrap_or_default()
}

/// Where a text has a name as a word of its own.
pub fn places_of<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let (before, rest) = text.split_at(*at);
        !before.ends_with(part) && !rest.get(name.len()..).unwrap_or_default().starts_with(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_replaced_and_parts_of_words_are_not() {
        assert_eq!(with_word("a.b(a) + ab + a_b, a", "a", "cd"), "cd.b(cd) + ab + a_b, cd");
        assert!(has_word("f(a)", "a") && !has_word("f(ab)", "a"));
    }

    #[test]
    fn a_sentence_ends_with_a_full_stop_or_a_point_of_a_list() {
        let found: Vec<&str> = sentences("Ids are 1.5. The tier is\n\"gold\".\nNo more").collect();
        assert_eq!(found, ["Ids are 1.5.", "The tier is\n\"gold\".", "No more"]);
        let found: Vec<&str> = sentences("It has:\n\n- an id\n- a name").collect();
        assert_eq!(found, ["It has:", "- an id", "a name"]);
    }

    #[test]
    fn text_from_outside_calls_nobody_and_hides_nothing() {
        for (text, safe) in [
            ("@maintainers fix #12", "@\u{200b}maintainers fix #\u{200b}12"),
            ("<!-- codegen:spec=x -->", "&lt;!-- codegen:spec=x -->"),
            ("<details><img src=x>", "&lt;details>&lt;img src=x>"),
            ("abc\u{202e}def\u{200b}\u{e0041}\r\n# head", "abcdef\n# head"),
        ] {
            assert_eq!(inert(text), safe);
        }
    }
}
