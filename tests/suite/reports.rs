//! Reports of test runners, read while something else is printed beside them.

use super::support::greeter::{gate, generate};
use super::support::halves::{CODE, TESTS, half, halves};

/// One test after the other: the runner prints the name, lets the test run, and prints the result behind it.
#[test]
fn what_tests_in_rust_print_does_not_cut_their_results_in_two() {
    let repository = halves(&[(".cargo/config.toml", "[env]\nRUST_TEST_THREADS = \"1\"\n")]);
    // Past what the runner holds back: whole lines, part of one, and what looks like a result.
    let say = |words: &str| format!("    std::io::stderr().write_all(b\"{words}\").unwrap();\n    assert_eq!");
    let mut loud = TESTS.replacen("use halves", "use std::io::Write;\n\nuse halves", 1);
    for words in ["halving\\n", "halving", "test halves_zero ... FAILED\\n"] {
        loud = loud.replacen("{\n    assert_eq!", &format!("{{\n{}", say(words)), 1);
    }
    let ran = generate(&repository, &half(CODE, &loud), &[]).expect(0);
    let (_, said) = gate(&ran, "generated-tests");
    assert!(said.starts_with("3 tests passed in each of 2 runs"), "{said}");
}
