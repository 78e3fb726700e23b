//! Feedback: what a command printed, cut to what the next attempt needs.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

use crate::language::report::is_broken_off;

/// Most bytes of feedback; about 1,500 tokens, which leaves a small model room for its answer.
const MOST: usize = 5000;

/// What differs from one run of the same tests to the next: how long they took, the numbers of threads, and where a panic of Go has what in memory.
static CHANCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let took = r"\d+(?:\.\d+)?m?s";
    Regex::new(&format!(
        r"(?P<kept>thread '[^']*') \(\d+\)|; finished in {took}$|\t{took}$|(?P<summed>\d (?:passed|failed|errors?|skipped)) in {took}\b| \({took}\)$|(?P<open>\()0xc[0-9a-f]{{6,}}.*(?P<close>\))$| \+0x[0-9a-f]+(?: fp=\S+ sp=\S+ pc=\S+)?$"
    ))
    .ok()
});

/// Takes out ANSI escape sequences and carriage returns.
pub fn strip_ansi(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => match letters.next() {
                Some('[') => {
                    for inner in letters.by_ref() {
                        if ('\u{40}'..='\u{7e}').contains(&inner) {
                            break;
                        }
                    }
                }
                Some(']') => {
                    for inner in letters.by_ref() {
                        if inner == '\u{7}' || inner == '\u{1b}' {
                            break;
                        }
                    }
                }
                _ => {}
            },
            '\r' => {}
            _ => out.push(letter),
        }
    }
    out
}

/// Replaces what looks like a credential.
pub fn mask_secrets(text: &str) -> String {
    let prefixes = [
        "sk-",
        "ghp_",
        "gho_",
        "ghs_",
        "ghu_",
        "github_pat_",
        "AKIA",
        "ASIA",
        "xoxb-",
        "xoxp-",
        "glpat-",
        "npm_",
        "AIza",
    ];
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        let secret = word.len() >= 20 && prefixes.iter().any(|prefix| word.starts_with(prefix));
        out.push_str(if secret { "[masked]" } else { word });
        word.clear();
    };
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' || letter == '-' {
            word.push(letter);
        } else {
            flush(&mut word, &mut out);
            out.push(letter);
        }
    }
    flush(&mut word, &mut out);
    out
}

/// Cuts a command's output down: paths of the scratch worktree become relative, noise of build tools goes, blocks about the
/// generated files come first, and of what is still too long the head and the tail are kept.
pub fn condense(output: &str, root: &str, files: &[&str]) -> String {
    let root = root.trim_end_matches('/');
    let text = mask_secrets(&strip_ansi(output)).replace(&format!("{root}/"), "").replace(root, ".");
    let lines = text.lines().map(str::trim_end).filter(|line| !is_noise(line));
    let lines: Vec<Cow<'_, str>> = lines.map(without_chance).collect();
    let joined = lines.join("\n");
    let blocks: Vec<&str> =
        joined.split("\n\n").map(|block| block.trim_matches('\n')).filter(|block| !block.trim().is_empty()).collect();
    let blocks = collapse(blocks);
    let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
    if blocks.iter().map(|block| block.len() + 2).sum::<usize>() <= MOST {
        return blocks.join("\n\n");
    }
    // That a run broke off must be known, whatever came of it.
    let about = |block: &&str| {
        files.iter().any(|file| block.contains(file)) || block.contains("panicked at") || is_broken_off(block)
    };
    let (mine, others): (Vec<&str>, Vec<&str>) = blocks.into_iter().partition(about);
    let kept = if mine.is_empty() { others } else { mine };
    shorten(&kept.join("\n\n"))
}

/// Keeps the first of several blocks that say the same about different lines, and says how many more there are.
fn collapse(blocks: Vec<&str>) -> Vec<String> {
    let mut kept: Vec<(String, String, usize)> = Vec::new();
    for block in blocks {
        let head = block.lines().next().unwrap_or_default();
        let is_finding = head.starts_with("error") || head.starts_with("warning");
        match kept.iter_mut().find(|(known, _, _)| is_finding && known == head) {
            Some((_, _, more)) => *more += 1,
            None => kept.push((head.to_owned(), block.to_owned(), 0)),
        }
    }
    let shown = kept.into_iter().map(|(_, block, more)| match more {
        0 => block,
        more => format!("{block}\n(the same in {more} more {})", if more == 1 { "place" } else { "places" }),
    });
    shown.collect()
}

/// A line without what differs from run to run: the same failure is the same question to a model.
fn without_chance(line: &str) -> Cow<'_, str> {
    CHANCE.as_ref().map_or(Cow::Borrowed(line), |chance| chance.replace_all(line, "$kept$summed$open$close"))
}

/// Lines that say what a tool is doing and not what it found.
fn is_noise(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    let cargo = [
        "Compiling",
        "Checking",
        "Finished",
        "Running",
        "Downloading",
        "Downloaded",
        "Updating",
        "Blocking",
        "Locking",
        "Fresh",
        "Doc-tests",
    ];
    let summaries = [
        "Some errors have detailed explanations",
        "For more information about",
        "error: could not compile",
        "warning: build failed, waiting",
        "npm ERR! A complete log",
        "> ",
    ];
    (line.starts_with("  ") && cargo.contains(&word))
        || summaries.iter().any(|summary| line.starts_with(summary))
        || line.trim_start_matches(['#', ' ']).starts_with("duration_ms")
}

/// Keeps two thirds from the start, where compilers say the cause, and one third from the end, where tests sum up.
fn shorten(text: &str) -> String {
    if text.len() <= MOST {
        return text.to_owned();
    }
    let (mut head, mut tail) = (String::new(), Vec::new());
    let lines: Vec<&str> = text.lines().collect();
    let mut from = 0;
    for line in &lines {
        if head.len() + line.len() > MOST * 2 / 3 {
            break;
        }
        head.push_str(line);
        head.push('\n');
        from += 1;
    }
    let mut length = 0;
    let mut to = lines.len();
    for line in lines.iter().skip(from).rev() {
        length += line.len() + 1;
        if length > MOST / 3 {
            break;
        }
        tail.push(*line);
        to -= 1;
    }
    tail.reverse();
    let _ = writeln!(head, "[… {} lines left out]", to - from);
    head + &tail.join("\n")
}

/// Whether something was left out of evidence.
pub fn is_cut(evidence: &str) -> bool {
    evidence.contains(" lines left out]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ansi_noise_roots_and_secrets_go() {
        let output = "\u{1b}[32m   Compiling\u{1b}[0m shop v0.1.0\n\u{1b}[1merror\u{1b}[0m: bad\n  --> /tmp/w/src/a.rs:1\nkey ghp_abcdefghijklmnopqrstuvwxyz0123\n";
        assert_eq!(condense(output, "/tmp/w", &["src/a.rs"]), "error: bad\n  --> src/a.rs:1\nkey [masked]");
    }

    #[test]
    fn the_same_failure_reads_the_same_in_every_run() {
        for (line, same) in [
            (
                "thread 'refuses_a' (28025) panicked at tests/a.rs:112:22:",
                "thread 'refuses_a' panicked at tests/a.rs:112:22:",
            ),
            (
                "test result: FAILED. 1 failed; 0 filtered out; finished in 0.02s",
                "test result: FAILED. 1 failed; 0 filtered out",
            ),
            ("--- FAIL: TestA/long_name (0.01s)", "--- FAIL: TestA/long_name"),
            ("FAIL\tshop/till\t0.004s", "FAIL\tshop/till"),
            ("=== 1 failed, 3 passed in 0.12s ===", "=== 1 failed, 3 passed ==="),
            ("✖ refuses a blank name (1.25ms)", "✖ refuses a blank name"),
            ("orders.(*Repository).List(0xc00005a100, {0x5695c8, 0xc00001a050})", "orders.(*Repository).List()"),
            ("orders/repository.go:146 +0x476 fp=0xc0200e03b0 sp=0xc0200e03a8 pc=0x501276", "orders/repository.go:146"),
            ("expected wait(30) in 5s (slow)", "expected wait(30) in 5s (slow)"),
        ] {
            assert_eq!(condense(line, "/w", &["a"]), same);
        }
    }

    #[test]
    fn that_a_run_broke_off_is_kept() {
        let trace = "shop.List()\n\tshop/list.go:146\n".repeat(300);
        let output = format!(
            "runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n\nruntime stack:\nruntime.throw()\n\ngoroutine 7 [running]:\n{trace}"
        );
        assert!(is_broken_off(&condense(&output, "/w", &["shop/list.go"])));
    }

    #[test]
    fn long_output_keeps_head_and_tail_of_what_concerns_the_files() {
        let other = format!("warning: other\n  --> src/old.rs\n{}\n\n", "x\n".repeat(3000));
        let many: String = (0..400).map(|number| format!("error: number {number}\n  --> src/a.rs:2\n\n")).collect();
        let mine = format!("error: first\n  --> src/a.rs:1\n\n{many}error: last\n  --> src/a.rs:9\n");
        let text = condense(&(other + &mine), "/w", &["src/a.rs"]);
        assert!(text.len() < MOST + 200, "{}", text.len());
        assert!(text.starts_with("error: first"), "{}", text.chars().take(80).collect::<String>());
        assert!(text.trim_end().ends_with("src/a.rs:9"), "{}", text.chars().rev().take(40).collect::<String>());
        assert!(text.contains("lines left out]"));
        assert!(!text.contains("old.rs"));
    }

    #[test]
    fn the_same_error_in_many_places_is_said_once() {
        let output =
            "error: no `a`\n  --> src/a.rs:1\n\nerror: no `a`\n  --> src/a.rs:2\n\nerror: no `b`\n  --> src/a.rs:3\n";
        let expected = "error: no `a`\n  --> src/a.rs:1\n(the same in 1 more place)\n\nerror: no `b`\n  --> src/a.rs:3";
        assert_eq!(condense(output, "/w", &["src/a.rs"]), expected);
    }

    #[test]
    fn ordinary_text_is_not_masked() {
        let text = "127.0.0.1 npm_run sk-short task-force-of-many-people-indeed";
        assert_eq!(mask_secrets(text), text);
    }
}
