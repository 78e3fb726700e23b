//! The marks in the text of a pull request: by them a run finds what an earlier one proposed, from which inputs, and which
//! part of the text is its own. What people write before or behind that part stays.

use crate::spec::SpecId;

const END: &str = "<!-- codegen:end -->";

/// The first line of the bot's part. An id cannot close the comment it stands in.
pub fn of_specs(ids: &[&SpecId]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| id.as_str().replace('%', "%25").replace('>', "%3E")).collect();
    format!("<!-- codegen:spec={} -->", ids.join(","))
}

/// The specs of a text; `None` when the bot did not write it, or when there are too many to name.
pub fn specs(body: &str) -> Option<Vec<SpecId>> {
    let (_, rest) = body.split_once("<!-- codegen:spec=")?;
    let (ids, _) = rest.split_once(" -->")?;
    let named = ids.split(',').map(|id| SpecId::from_argument(&id.replace("%3E", ">").replace("%25", "%")));
    (ids != "many").then(|| named.collect())
}

/// The line that says which inputs were used.
pub fn of_inputs(digest: &str) -> String {
    format!("<!-- codegen:inputs={digest} -->")
}

/// The inputs that a text was made from.
pub fn inputs(body: &str) -> Option<&str> {
    let (_, rest) = body.split_once("<!-- codegen:inputs=")?;
    rest.split_once(" -->").map(|(digest, _)| digest)
}

/// The line of a text whose pull request the bot itself made a draft: it may make it ready again.
pub const DRAFT: &str = "<!-- codegen:draft -->";

/// Whether the bot made the pull request with this text a draft.
pub fn is_draft(body: &str) -> bool {
    body.lines().any(|line| line.trim_end() == DRAFT)
}

/// The bot's part with its end.
pub fn enclose(part: &str) -> String {
    format!("{}\n\n{END}\n", part.trim_end())
}

/// Puts a new part in the place of the old one. A text without an old part is what people wrote: it goes behind the new one.
pub fn replace(old: &str, new: &str) -> String {
    let old = old.replace("\r\n", "\n");
    if old.trim().is_empty() {
        return new.to_owned();
    }
    let Some(start) = old.find("<!-- codegen:spec=") else { return format!("{new}\n{old}") };
    let before = old.get(..start).unwrap_or_default();
    let after =
        old.get(start..).and_then(|rest| rest.split_once(END)).map_or("", |(_, after)| after.trim_start_matches('\n'));
    format!("{before}{new}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_around_the_part_stays() {
        let part = |inputs: &str| {
            let id = SpecId::from_argument("order");
            enclose(&format!("{}\n{}\ntext", of_specs(&[&id]), of_inputs(inputs)))
        };
        let (old, new) = (part("a1"), part("b2"));
        assert_eq!(replace("", &new), new);
        assert_eq!(replace(&old, &new), new);
        assert_eq!(replace(&format!("before\n{old}after\n"), &new), format!("before\n{new}after\n"));
        assert_eq!(replace(&old.replace('\n', "\r\n"), &new), new);
        assert_eq!(replace("mine", &new), format!("{new}\nmine"));
        assert_eq!(inputs(&new), Some("b2"));
        assert_eq!(inputs("nothing"), None);
    }

    #[test]
    fn an_id_cannot_close_its_comment() {
        let id = SpecId::from_argument("a --> b");
        assert_eq!(of_specs(&[&id]), "<!-- codegen:spec=a --%3E b -->");
        assert_eq!(specs(&of_specs(&[&id])), Some(vec![id]));
        assert_eq!(specs("<!-- codegen:spec=many -->"), None);
    }
}
