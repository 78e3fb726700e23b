//! The workflow that `init` writes: every event that the action acts on, least permissions, actions pinned to commits.

/// Where it stands.
pub const FILE: &str = ".github/workflows/codegen.yml";

/// The action as a release names it, with its commit. A build that no release made names the moving tag.
pub const ACTION: &str = match option_env!("CODEGEN_ACTION") {
    Some(action) => action,
    None => "codegen-bot/codegen@v0",
};

/// The text, for a repository whose proposals go into this branch.
pub fn render(branch: &str, action: &str) -> String {
    include_str!("workflow.yml").replace("BRANCH", &quoted(branch)).replace("ACTION", action)
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Whether a text can stand behind `uses:`.
pub fn is_action(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./@".contains(letter);
    let (name, comment) = text.split_once(" # ").unwrap_or((text, ""));
    let local = name.starts_with("./") && !name.contains("..");
    (local || name.contains('@'))
        && name.chars().all(plain)
        && comment.chars().all(|letter| plain(letter) || letter == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workflow_is_yaml_with_the_branch_as_text() {
        let text = render("it's \"main\": x", ACTION);
        let value: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(value["on"]["push"]["branches"][0].as_str(), Some("it's \"main\": x"));
        assert!(
            is_action(ACTION) && is_action("./") && is_action("a/b@0123 # v1.2.3") && !is_action("a/b@1\n- run: x")
        );
    }
}
