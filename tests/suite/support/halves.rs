//! A small crate with one spec, and the answers that a model gives it.

use super::greeter::{Answers, file};
use super::repository::TestRepository;

pub const CODE: &str = "//! Halves.\n\n/// The number is odd.\n#[derive(Debug, PartialEq, Eq)]\npub struct OddError;\n\n/// Half of an even number.\n///\n/// # Errors\n///\n/// [`OddError`] for an odd one.\npub fn half(number: u32) -> Result<u32, OddError> {\n    if number.is_multiple_of(2) {\n        Ok(number / 2)\n    } else {\n        Err(OddError)\n    }\n}\n";

pub const TESTS: &str = "use halves::half::{OddError, half};\n\n// happy path: four.\n#[test]\nfn halves_four() {\n    assert_eq!(half(4), Ok(2));\n}\n\n// error: three.\n#[test]\nfn refuses_three() {\n    assert_eq!(half(3), Err(OddError));\n}\n\n// edge case: zero.\n#[test]\nfn halves_zero() {\n    assert_eq!(half(0), Ok(0));\n}\n";

const CONFIG: &str = "version: 1\ngates: { test_runs: 2, coverage: 0, mutation: 0 }\nlimits: { attempts: 1 }\n";

/// The crate with these files beside or in place of its own, in one commit.
pub fn halves(more: &[(&str, &str)]) -> TestRepository {
    let own = [
        ("Cargo.toml", "[package]\nname = \"halves\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"halves\"\nversion = \"0.1.0\"\n"),
        ("src/lib.rs", "//! Halves.\n"),
        (".gitignore", "/target\n"),
        (".codegen/config.yaml", CONFIG),
        (
            ".codegen/patterns/plain.yaml",
            "name: plain\nversion: 1.0.0\nsummary: Functions.\nrules: [{ id: short, text: Keep functions short }]\n",
        ),
        (
            ".codegen/specs/half.yaml",
            "name: Half\ndescription: Halves even numbers and refuses odd ones.\npattern: plain\nfiles: { code: src/half.rs, tests: tests/half.rs }\n",
        ),
    ];
    let kept = own.into_iter().filter(|(path, _)| more.iter().all(|(other, _)| other != path));
    TestRepository::with(&kept.chain(more.iter().copied()).collect::<Vec<_>>())
}

/// Answers with this code and these tests.
pub fn half(code: &str, tests: &str) -> Answers {
    Answers::with(&[("half.code.1", file("src/half.rs", code)), ("half.tests.1", file("tests/half.rs", tests))])
}
