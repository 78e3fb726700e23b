//! Findings of linters: lines of the form `file:line:column: message` or what they print for programs, and which of them a
//! change brought.

mod machine;

use std::collections::BTreeMap;

use super::feedback::strip_ansi;

/// One finding. Its line is shown and not compared: code above it may have moved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, as printed.
    pub file: String,
    /// The message with its rule.
    pub message: String,
    /// The whole line.
    pub line: String,
}

/// Whether an output is for programs: people and models are shown the findings in it instead.
pub fn is_machine_form(output: &str) -> bool {
    machine::read(output, "").is_some()
}

/// Reads the findings in a linter's output. `root` is taken off absolute paths.
pub fn read(output: &str, root: &str) -> Vec<Finding> {
    let output = strip_ansi(output);
    if let Some(findings) = machine::read(&output, root) {
        return findings;
    }
    let mut findings = Vec::new();
    // eslint's default form: the file on a line of its own, then indented `line:column  severity  message  rule`.
    let mut heading: Option<String> = None;
    for line in output.lines() {
        let shown = line.strip_prefix("vet: ").unwrap_or(line);
        if let Some(finding) = one(shown, root) {
            findings.push(finding);
            continue;
        }
        if let Some((file, message)) = heading.as_ref().zip(indented(line)) {
            findings.push(Finding {
                file: file.clone(),
                message: message.clone(),
                line: format!("{file}: {}", line.trim()),
            });
            continue;
        }
        let is_path = !line.starts_with(' ') && !line.contains(char::is_whitespace) && line.contains('.');
        heading = is_path.then(|| relative(line, root));
    }
    findings
}

/// The lines, from 1, that a tool's output names for a file: `file:12`, `file:12:5`, `file(12,5)`, `file:[12,5]`,
/// `File "file", line 12`.
pub fn lines_of(output: &str, file: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/');
    for (at, _) in output.match_indices(file) {
        let Some((before, rest)) = output.split_at_checked(at) else { continue };
        if before.trim_end_matches("./").ends_with(is_part) {
            continue;
        }
        let rest = rest.get(file.len()..).unwrap_or_default();
        let rest = rest.strip_prefix("\", line ").or_else(|| rest.strip_prefix([':', '('])).unwrap_or_default();
        let rest = rest.strip_prefix('[').unwrap_or(rest);
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(line) = digits.parse()
            && line > 0
            && !lines.contains(&line)
        {
            lines.push(line);
        }
    }
    lines
}

fn relative(file: &str, root: &str) -> String {
    file.strip_prefix(root).unwrap_or(file).trim_start_matches('/').trim_start_matches("./").to_owned()
}

fn one(line: &str, root: &str) -> Option<Finding> {
    if let Some(finding) = parenthesised(line, root).or_else(|| bracketed(line, root)) {
        return Some(finding);
    }
    let mut parts = line.splitn(3, ':');
    let file = parts.next()?.trim();
    let row = parts.next()?;
    let rest = parts.next()?;
    row.parse::<u32>().ok()?;
    if file.is_empty() || file.contains(char::is_whitespace) {
        return None;
    }
    // The column is optional.
    let message = match rest.split_once(':') {
        Some((column, message)) if column.trim().parse::<u32>().is_ok() => message,
        _ => rest,
    };
    let message = message.trim();
    // Notes explain a finding and are none.
    let is_note = message.starts_with("note:") || message.starts_with("help:");
    (!message.is_empty() && !is_note).then(|| Finding {
        file: relative(file, root),
        message: message.to_owned(),
        line: line.to_owned(),
    })
}

/// The form of TypeScript's compiler: `file(line,column): message`.
fn parenthesised(line: &str, root: &str) -> Option<Finding> {
    let (file, rest) = line.split_once('(')?;
    let (place, message) = rest.split_once("): ")?;
    let (row, column) = place.split_once(',')?;
    let is_place = row.parse::<u32>().is_ok() && column.parse::<u32>().is_ok();
    let is_file = !file.is_empty() && !file.contains(char::is_whitespace);
    (is_place && is_file).then(|| Finding {
        file: relative(file, root),
        message: message.trim().to_owned(),
        line: line.to_owned(),
    })
}

/// The form of Maven: `[ERROR] file:[line,column] message`, of its compiler and its Checkstyle.
fn bracketed(line: &str, root: &str) -> Option<Finding> {
    let rest = ["[ERROR] ", "[WARNING] ", "[WARN] "].iter().find_map(|word| line.strip_prefix(word))?;
    let (file, rest) = rest.split_once(":[")?;
    let (place, message) = rest.split_once("] ")?;
    let is_place = place.split(',').all(|number| number.parse::<u32>().is_ok());
    let is_file = !file.is_empty() && !file.contains(char::is_whitespace);
    let file = relative(file, root);
    let shown = format!("{file}:{}: {}", place.replace(',', ":"), message.trim());
    (is_place && is_file).then(|| Finding { message: message.trim().to_owned(), file, line: shown })
}

fn indented(line: &str) -> Option<String> {
    let rest = line.strip_prefix("  ")?.trim();
    let (place, message) = rest.split_once(char::is_whitespace)?;
    let (row, column) = place.split_once(':')?;
    (row.parse::<u32>().is_ok() && column.parse::<u32>().is_ok()).then(|| message.trim().to_owned())
}

/// The findings that are not in the baseline, counted: two equal findings in a file where one was before are one new.
pub fn new_findings(baseline: &[Finding], now: &[Finding]) -> Vec<Finding> {
    let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in baseline {
        *known.entry((&finding.file, &finding.message)).or_default() += 1;
    }
    let mut fresh = Vec::new();
    for finding in now {
        match known.get_mut(&(finding.file.as_str(), finding.message.as_str())) {
            Some(count) if *count > 0 => *count -= 1,
            _ => fresh.push(finding.clone()),
        }
    }
    fresh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_common_linters_are_read() {
        for (output, file, message) in [
            ("src/lib.rs:3:5: warning: unused variable: `x`", "src/lib.rs", "warning: unused variable: `x`"),
            ("/tmp/w/src/a.py:1:8: F401 `os` imported but unused", "src/a.py", "F401 `os` imported but unused"),
            ("./a.go:12:2: result of fmt call not used", "a.go", "result of fmt call not used"),
            ("src/a.ts(3,7): error TS6133: 'x' is never read.", "src/a.ts", "error TS6133: 'x' is never read."),
            ("shop/a.py:4: error: Missing return", "shop/a.py", "error: Missing return"),
            (
                "/tmp/w/src/a.ts\n  3:7  error  'x' is never used  no-unused-vars\n",
                "src/a.ts",
                "error  'x' is never used  no-unused-vars",
            ),
        ] {
            let found = read(output, "/tmp/w");
            let shown: Vec<_> = found.iter().map(|finding| (finding.file.as_str(), finding.message.as_str())).collect();
            assert_eq!(shown, [(file, message)], "{output}");
        }
        assert_eq!(read("Finished in 0.1s\nAll checks passed!\nhttp://example.com:80/x\n", ""), []);
    }

    #[test]
    fn the_json_forms_of_linters_are_read() {
        let clippy = "{\"reason\":\"compiler-artifact\"}\n{\"reason\":\"compiler-message\",\"message\":{\"level\":\"warning\",\"message\":\"used `unwrap()`\",\"code\":{\"code\":\"clippy::unwrap_used\"},\"spans\":[{\"file_name\":\"src/a.rs\",\"line_start\":3,\"column_start\":5,\"is_primary\":true}]}}\n{\"reason\":\"compiler-message\",\"message\":{\"level\":\"warning\",\"message\":\"1 warning emitted\",\"code\":null,\"spans\":[]}}\n";
        let ruff = r#"[{"code":"F401","filename":"/tmp/w/src/a.rs","location":{"row":3,"column":5},"message":"`os` imported but unused"}]"#;
        let golangci = r#"{"Issues":[{"FromLinter":"errcheck","Text":"unchecked error","Pos":{"Filename":"src/a.rs","Line":3,"Column":5}}],"Report":{}}"#;
        let vet = "# example.com/a\n{\n\t\"example.com/a\": {\n\t\t\"printf\": [{\"posn\": \"/tmp/w/src/a.rs:3:5\", \"message\": \"wrong verb\"}]\n\t}\n}\n";
        let eslint = r#"[{"filePath":"/tmp/w/b.ts","messages":[]},{"filePath":"/tmp/w/src/a.rs","messages":[{"ruleId":"no-var","severity":2,"message":"Unexpected var.","line":3,"column":5}]}]"#;
        for (output, message) in [
            (clippy, "warning: used `unwrap()` [clippy::unwrap_used]"),
            (ruff, "F401 `os` imported but unused"),
            (golangci, "unchecked error (errcheck)"),
            (vet, "wrong verb (printf)"),
            (eslint, "Unexpected var. (no-var)"),
        ] {
            let expected =
                Finding { file: "src/a.rs".into(), message: message.into(), line: format!("src/a.rs:3:5: {message}") };
            assert_eq!(read(output, "/tmp/w"), [expected], "{output}");
            assert!(is_machine_form(output));
        }
        assert_eq!(read("[]\n", ""), []);
        assert!(!is_machine_form("src/a.rs:1:1: [x] {y}\n"));
    }

    #[test]
    fn lines_of_a_file_are_found_in_any_form() {
        let output = "error: x\n  --> src/a.rs:12:5\nsrc/a.rs:7: y\nsrc/a.rs(3,1): z\n  File \"src/a.rs\", line 9, in f\nsrc/b.rs:1:1\nold_src/a.rs:8\nsrc/a.rs\nsrc/a.rs:7:1\n";
        assert_eq!(lines_of(output, "src/a.rs"), [12, 7, 3, 9]);
    }

    #[test]
    fn only_what_was_not_there_before_is_new() {
        let old = read("a.rs:1:1: warning: x\n", "");
        let moved = read("a.rs:9:1: warning: x\n", "");
        let twice = read("a.rs:9:1: warning: x\na.rs:12:1: warning: x\n", "");
        assert_eq!(new_findings(&old, &moved), []);
        assert_eq!(new_findings(&old, &twice).len(), 1);
    }
}
