//! The name of a spec in the ways of writing that languages use for types, files and packages.

/// The words of a name: split at separators and where a lower-case letter meets an upper-case one.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous: Option<char> = None;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_alphanumeric() {
            previous = None;
            continue;
        }
        let starts = match previous {
            None => true,
            Some(before) if letter.is_uppercase() => {
                !before.is_uppercase() || letters.peek().is_some_and(|next| next.is_lowercase())
            }
            Some(_) => false,
        };
        match words.last_mut() {
            Some(word) if !starts => word.extend(letter.to_lowercase()),
            _ => words.push(letter.to_lowercase().collect()),
        }
        previous = Some(letter);
    }
    words
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `OrderLine` as `order_line`.
pub fn snake(name: &str) -> String {
    words(name).join("_")
}

/// `OrderLine` as `order-line`.
pub fn kebab(name: &str) -> String {
    words(name).join("-")
}

/// `OrderLine` as `orderline`.
pub fn flat(name: &str) -> String {
    words(name).concat()
}

/// `order line` as `OrderLine`.
pub fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capitalised(word)).collect()
}

/// `order line` as `orderLine`.
pub fn camel(name: &str) -> String {
    let all = words(name);
    let (first, rest) = all.split_first().map_or((String::new(), &[][..]), |(first, rest)| (first.clone(), rest));
    first + &rest.iter().map(|word| capitalised(word)).collect::<String>()
}

/// A text about the thing `from` as one about the thing `to`: in names of types, variables and constants and in words, in singular
/// and plural. `users` becomes `customers`, `UserHandler` becomes `CustomerHandler`, and `Username` stays. `lower` is how the
/// language writes variables.
pub fn renamed(text: &str, from: &str, to: &str, lower: fn(&str) -> String) -> String {
    let mut forms: Vec<(String, String)> = Vec::new();
    let upper = |name: &str| snake(name).to_uppercase();
    let ways: [fn(&str) -> String; 6] = [pascal, lower, snake, camel, kebab, upper];
    for way in ways {
        let (one, other) = (way(from), way(to));
        forms.extend([(plural(&one), plural(&other)), (one, other)]);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let before = out.chars().next_back();
        let found = forms.iter().find(|(form, _)| {
            // Where all letters are large, none of them begins a word.
            let is_upper = form.len() > 1 && form.chars().all(|letter| !letter.is_lowercase());
            let starts = !letter.is_lowercase() && !is_upper || before.is_none_or(|before| !before.is_alphabetic());
            let inner = |next: char| if is_upper { next.is_alphabetic() } else { next.is_lowercase() };
            let ends = rest.get(form.len()..).is_some_and(|after| !after.starts_with(inner));
            !form.is_empty() && starts && rest.starts_with(form.as_str()) && ends
        });
        let (taken, put) = found.map_or((letter.len_utf8(), ""), |(form, other)| (form.len(), other.as_str()));
        if put.is_empty() {
            out.push(letter);
        } else {
            out.push_str(put);
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

/// `user` as `users`, `entry` as `entries`, `USER` as `USERS`.
pub fn plural(word: &str) -> String {
    let (stem, last) = word.split_at(word.char_indices().next_back().map_or(0, |(at, _)| at));
    let large = last.starts_with(char::is_uppercase);
    let before_is_vowel = stem.to_lowercase().ends_with(['a', 'e', 'i', 'o', 'u']);
    match last.to_lowercase().as_str() {
        "y" if !before_is_vowel => format!("{stem}{}", if large { "IES" } else { "ies" }),
        "s" | "x" => format!("{word}{}", if large { "ES" } else { "es" }),
        _ => format!("{word}{}", if large { "S" } else { "s" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_renamed_wherever_it_is_named() {
        let text = "class UserHandler: # /users of a user, not a Username, USERNAME or abuser.\n    MAX_USERS = find_user(userId, users[0]).USER";
        assert_eq!(
            renamed(text, "User", "OrderEntry", snake),
            "class OrderEntryHandler: # /order_entries of a order_entry, not a Username, USERNAME or abuser.\n    MAX_ORDER_ENTRIES = find_order_entry(order_entryId, order_entries[0]).ORDER_ENTRY"
        );
        assert_eq!(
            renamed("findUser(userId, users)", "user", "order line", camel),
            "findOrderLine(orderLineId, orderLines)"
        );
        assert_eq!(renamed("a", "", "b", snake), "a");
    }

    #[test]
    fn every_way_of_writing_from_every_other() {
        for name in ["OrderLine", "orderLine", "order_line", "order-line", "Order Line"] {
            assert_eq!(snake(name), "order_line");
            assert_eq!(kebab(name), "order-line");
            assert_eq!(flat(name), "orderline");
            assert_eq!(pascal(name), "OrderLine");
            assert_eq!(camel(name), "orderLine");
        }
        assert_eq!(snake("HTTPClient"), "http_client");
        assert_eq!(pascal(""), "");
    }
}
