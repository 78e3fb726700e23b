//! Protected paths: what the bot does not write, whoever asks.

use crate::path::RepoPath;

/// How a path is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Nobody's but the spec's own business.
    None,
    /// Written only when the spec lists it: manifests, lock files, build scripts.
    UnlessListed,
    /// Never written: it decides what runs, or holds the bot's own state.
    Always,
}

/// Folders and files that decide what runs on machines of the team.
const ALWAYS: [&str; 14] = [
    ".git",
    ".github",
    ".gitlab",
    ".circleci",
    ".codegen",
    ".husky",
    ".githooks",
    ".vscode",
    ".cargo",
    ".gitlab-ci.yml",
    "azure-pipelines.yml",
    "lefthook.yml",
    ".pre-commit-config.yaml",
    ".gitmodules",
];

/// Names that tools run or that decide what a build fetches.
const MANIFESTS: [&str; 25] = [
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "rust-toolchain.toml",
    "go.mod",
    "go.sum",
    "package.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    ".npmrc",
    "pyproject.toml",
    "poetry.lock",
    "uv.lock",
    "setup.py",
    "setup.cfg",
    "conftest.py",
    "requirements.txt",
    "tox.ini",
    "noxfile.py",
    "Makefile",
    "justfile",
    "pom.xml",
    "build.gradle",
];

/// The protection of a path.
pub fn protection(path: &RepoPath) -> Protection {
    if path.parts().any(|part| ALWAYS.iter().any(|name| part.eq_ignore_ascii_case(name))) {
        return Protection::Always;
    }
    if MANIFESTS.iter().any(|name| path.file_name().eq_ignore_ascii_case(name)) {
        return Protection::UnlessListed;
    }
    Protection::None
}

/// Whether a file's name says that it holds secrets, so that it is never sent to a model.
pub fn holds_secrets(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let exact = [
        ".npmrc",
        ".pypirc",
        ".netrc",
        ".pgpass",
        ".htpasswd",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        "credentials",
        "credentials.json",
        "credentials.toml",
        "secrets.yaml",
        "secrets.yml",
        "secrets.json",
        "service-account.json",
        "kubeconfig",
        "terraform.tfvars",
    ];
    let extension = [".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".asc", ".gpg", ".tfstate"];
    exact.contains(&name.as_str())
        || name == ".env"
        || name.starts_with(".env.")
        || name.ends_with(".env")
        || extension.iter().any(|ending| name.ends_with(ending))
        || path.parts().any(|part| matches!(part, ".ssh" | ".aws" | ".gnupg" | ".git"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protection_has_three_degrees() {
        for (path, degree) in [
            ("src/order.rs", Protection::None),
            ("Cargo.toml", Protection::UnlessListed),
            ("web/package.json", Protection::UnlessListed),
            (".github/workflows/ci.yml", Protection::Always),
            (".GIT/config", Protection::Always),
            ("sub/.git/hooks/pre-commit", Protection::Always),
            (".codegen/config.yaml", Protection::Always),
        ] {
            assert_eq!(protection(&RepoPath::parse(path).unwrap()), degree, "{path}");
        }
    }

    #[test]
    fn secret_names_are_known() {
        for (path, secret) in [(".env", true), ("a/.env.local", true), ("tls/server.pem", true), ("src/env.rs", false)]
        {
            assert_eq!(holds_secrets(&RepoPath::parse(path).unwrap()), secret, "{path}");
        }
    }
}
