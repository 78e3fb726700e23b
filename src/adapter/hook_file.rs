//! The hook file of a repository: where git looks for it, and our part of it.
//!
//! Our part stands between two marks. What else is in the file stays as it is and runs as before; a file that we cannot read
//! as a shell script, or that belongs to a hook manager, is left alone and the lines for it are said.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Kind};

const BEGIN: &str = "# >>> codegen";
const END: &str = "# <<< codegen";

/// What became of it. Each has the file.
#[derive(Debug, PartialEq, Eq)]
pub enum Installed {
    /// There was no hook.
    New(PathBuf),
    /// There was one, and our part is in it now.
    Beside(PathBuf),
    /// It was there already.
    Unchanged(PathBuf),
}

/// Our part of a hook.
fn part(what: &str) -> String {
    format!(
        "{BEGIN} (codegen hook install)\nif command -v codegen >/dev/null 2>&1; then\n  codegen hook run {what} || exit $?\nelse\n  echo \"codegen is not installed: its hook is skipped\" >&2\nfi\n{END}\n"
    )
}

/// Puts our part into the pre-commit hook of the repository at `root`.
pub fn install(root: &Path, what: &str) -> Result<Installed, Failure> {
    let folder = hooks_folder(root)?;
    let line = format!("codegen hook run {what}");
    let path = folder.join("pre-commit");
    refuse_managed(root, &folder, &line)?;
    let failed = |error: &std::io::Error| {
        Failure::new(Kind::Repository, format!("cannot write {}", path.display())).because(error)
    };
    if fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_symlink()) {
        let message = format!("{} is a symbolic link, and is left as it is", path.display());
        return Err(Failure::new(Kind::Policy, message).hint(format!("add the line `{line}` to what it points at")));
    }
    let before = match fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(&error)),
    };
    let Some(before) = before else {
        write(&folder, &path, &format!("#!/bin/sh\n{}", part(what)), 0o755).map_err(|error| failed(&error))?;
        return Ok(Installed::New(path));
    };
    let text = String::from_utf8(before).ok().filter(|text| is_shell(text));
    let Some(text) = text else {
        let message = format!("{} is no shell script, and is left as it is", path.display());
        return Err(Failure::new(Kind::Policy, message).hint(format!("let it run `{line}`, and end when that fails")));
    };
    for (mark, manager, how) in [
        ("pre-commit.com", "pre-commit", "add the hook to .pre-commit-config.yaml"),
        ("lefthook", "lefthook", "add the line to lefthook.yml"),
    ] {
        if text.contains(mark) {
            let message = format!("{} belongs to {manager}, and is left as it is", path.display());
            return Err(Failure::new(Kind::Policy, message).hint(format!("{how}: `{line}`")));
        }
    }
    let after = with_part(&text, &part(what));
    if after == text {
        return Ok(Installed::Unchanged(path));
    }
    let mode = fs::metadata(&path).map_or(0o755, |meta| meta.permissions().mode() | 0o111);
    write(&folder, &path, &after, mode).map_err(|error| failed(&error))?;
    Ok(Installed::Beside(path))
}

/// Where git looks for hooks: `core.hooksPath`, or the folder that all worktrees share.
fn hooks_folder(root: &Path) -> Result<PathBuf, Failure> {
    let output = Command::new("git").args(["rev-parse", "--git-path", "hooks"]).current_dir(root).output();
    let output = output.map_err(|error| Failure::new(Kind::Repository, "git could not be started").because(&error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || text.trim().is_empty() {
        return Err(Failure::new(Kind::Repository, "git does not say where its hooks are"));
    }
    Ok(root.join(text.trim()))
}

/// Hooks that several repositories share, or that a manager writes anew, are not ours to change.
fn refuse_managed(root: &Path, folder: &Path, line: &str) -> Result<(), Failure> {
    let common = Command::new("git").args(["rev-parse", "--git-common-dir"]).current_dir(root).output();
    let common = common.map(|output| root.join(String::from_utf8_lossy(&output.stdout).trim())).unwrap_or_default();
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if folder.components().any(|part| part.as_os_str() == ".husky") {
        let message = "husky manages the hooks of this repository";
        return Err(Failure::new(Kind::Policy, message).hint(format!("add the line `{line}` to .husky/pre-commit")));
    }
    if real(folder).starts_with(real(root)) || real(folder).starts_with(real(&common)) {
        return Ok(());
    }
    let message = format!("`core.hooksPath` names {}, outside of this repository", folder.display());
    Err(Failure::new(Kind::Policy, message).hint(format!("add the line `{line}` to your pre-commit hook there")))
}

fn is_shell(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    !first.starts_with("#!") || first.trim_end().ends_with("sh")
}

/// A script with our part: in its old place, or directly after the first line, before anything that may end the script.
fn with_part(text: &str, part: &str) -> String {
    if let (Some(start), Some(end)) = (text.find(BEGIN), text.find(END)) {
        let rest = text.get(end..).and_then(|rest| rest.split_once('\n')).map_or("", |(_, rest)| rest);
        return format!("{}{part}{rest}", text.get(..start).unwrap_or_default());
    }
    match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("#!") => format!("{first}\n{part}{rest}"),
        _ => format!("{part}{text}"),
    }
}

fn write(folder: &Path, path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().set_permissions(fs::Permissions::from_mode(mode & 0o777))?;
    beside.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_part_goes_before_what_may_end_the_script_and_is_replaced_in_place() {
        let script = "#!/bin/bash\nset -e\nmake lint\nexit 0\n";
        let once = with_part(script, &part("check"));
        assert!(
            once.starts_with(&format!("#!/bin/bash\n{BEGIN}"))
                && once.ends_with("fi\n# <<< codegen\nset -e\nmake lint\nexit 0\n")
        );
        assert_eq!(with_part(&once, &part("check")), once);
        assert_eq!(with_part(&once, &part("generate")), once.replace("run check", "run generate"));
    }

    #[test]
    fn only_shell_scripts_are_changed() {
        for (text, shell) in [
            ("#!/bin/sh\n", true),
            ("#!/usr/bin/env bash\n", true),
            ("echo\n", true),
            ("#!/usr/bin/env python3\n", false),
            ("#!/usr/bin/node\n", false),
        ] {
            assert_eq!(is_shell(text), shell, "{text}");
        }
    }
}
