//! Sample repositories: small shops in every language, carried in the program for the demo, with one plain spec more for it.

use std::fs;
use std::path::{Path, PathBuf};

use git2::{IndexAddOption, Repository, Signature};
use include_dir::{Dir, include_dir};

use crate::failure::{Failure, Kind};
use crate::language::Language;

static SAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/tests/samples");

/// The spec of the demo: storage without any rule of its own, for the smallest of models.
pub const SPEC: &str = "supplier-repository";

fn spec_of(language: Language) -> &'static str {
    match language {
        Language::Rust => include_str!("../../tests/demo/rust.yaml"),
        Language::Go => include_str!("../../tests/demo/go.yaml"),
        Language::Python => include_str!("../../tests/demo/python.yaml"),
        Language::TypeScript => include_str!("../../tests/demo/typescript.yaml"),
        Language::Java => include_str!("../../tests/demo/java.yaml"),
    }
}

/// Writes the sample into a fresh folder and commits it.
pub fn lay_out(language: Language) -> Result<PathBuf, Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::new(Kind::Repository, "the sample repository cannot be made").because(error)
    };
    let sample = SAMPLES
        .get_dir(language.id())
        .ok_or_else(|| Failure::new(Kind::Internal, format!("no sample in {}", language.title())))?;
    let folder = tempfile::Builder::new().prefix("codegen-demo-").tempdir().map_err(|error| failed(&error))?.keep();
    write_folder(sample, &folder, language.id()).map_err(|error| failed(&error))?;
    let spec = folder.join(".codegen/specs").join(format!("{SPEC}.yaml"));
    fs::write(spec, spec_of(language)).map_err(|error| failed(&error))?;
    commit_all(&folder).map_err(|error| failed(&error))?;
    Ok(folder)
}

fn write_folder(folder: &Dir<'_>, to: &Path, prefix: &str) -> std::io::Result<()> {
    for file in folder.files() {
        let path = to.join(file.path().strip_prefix(prefix).map_err(std::io::Error::other)?);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, file.contents())?;
    }
    folder.dirs().try_for_each(|inner| write_folder(inner, to, prefix))
}

fn commit_all(folder: &Path) -> Result<(), git2::Error> {
    let repository = Repository::init(folder)?;
    let mut index = repository.index()?;
    index.add_all(["*"], IndexAddOption::DEFAULT, None)?;
    index.write()?;
    let tree = repository.find_tree(index.write_tree()?)?;
    let person = Signature::now("A team", "team@example.com")?;
    repository.commit(Some("HEAD"), &person, &person, "Start the shop", &tree, &[])?;
    Ok(())
}

/// The diff of a branch against the commit it started from.
pub fn diff_of(folder: &Path, branch: &str) -> Result<String, Failure> {
    let failed = |error: git2::Error| Failure::new(Kind::Repository, "the diff cannot be shown").because(&error);
    let repository = Repository::open(folder).map_err(failed)?;
    let base = repository.head().and_then(|head| head.peel_to_tree()).map_err(failed)?;
    let branch = repository.find_branch(branch, git2::BranchType::Local).map_err(failed)?;
    let tip = branch.get().peel_to_tree().map_err(failed)?;
    let diff = repository.diff_tree_to_tree(Some(&base), Some(&tip), None).map_err(failed)?;
    let mut text = String::new();
    diff.print(git2::DiffFormat::Patch, |_, _, line| {
        if matches!(line.origin(), '+' | '-' | ' ') {
            text.push(line.origin());
        }
        text.push_str(&String::from_utf8_lossy(line.content()));
        true
    })
    .map_err(failed)?;
    Ok(text)
}
