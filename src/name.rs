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

#[cfg(test)]
mod tests {
    use super::*;

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
