//! The lock of a spec: what its last accepted generation was made from, and what it produced.
//!
//! One file a spec, so that proposals of different specs never conflict. It holds digests and no times, one to a line and
//! sorted, so the same generation writes the same lock and git can merge two.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::merge::has_markers;
use crate::path::RepoPath;
use crate::spec::SpecId;

/// The folder of locks.
pub const FOLDER: &str = ".codegen/lock";
/// The version of the format.
pub const VERSION: u32 = 2;
/// Where git keeps the texts that were generated: one ref for each spec.
pub const PRISTINE: &str = "refs/codegen/pristine";

/// What a lock file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Version of the format.
    pub version: u32,
    /// Digest of the spec file.
    pub spec: String,
    /// The git blob with the text of the spec file, for the next change of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_blob: Option<String>,
    /// The pattern, `name@version`.
    pub pattern: String,
    /// Digest of the pattern with its examples.
    pub pattern_digest: String,
    /// The prompt, `name@version`. It is no input: a new version of the program makes no spec old.
    pub prompt: String,
    /// The model that wrote the files. It is no input either.
    pub model: String,
    /// The thresholds that were asked for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub gates: String,
    /// Digests of the files the model read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uses: BTreeMap<String, String>,
    /// Digests of the files it was shown as examples. Those that the spec names are inputs; those that were found are not,
    /// for each generation may become the nearest example of another.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub examples: BTreeMap<String, String>,
    /// The files it wrote.
    pub files: BTreeMap<String, LockedFile>,
}

/// A file that was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedFile {
    /// Digest of its text as delivered or accepted, edits by hand included.
    pub digest: String,
    /// The git blob of its text as generated, without any edit by hand: the base of later merges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pristine: Option<String>,
}

/// The digest of a text, as locks write it. Line ends do not count: git may write them either way.
pub fn digest(text: &str) -> String {
    blake3::hash(unix(text).as_bytes()).to_hex().to_string()
}

/// The digest of a file that may be no text.
pub fn digest_of_bytes(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| blake3::hash(bytes).to_hex().to_string(), digest)
}

/// The text with the line ends of Unix.
pub fn unix(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

/// The lock file of a spec.
pub fn path_of(id: &SpecId) -> Option<RepoPath> {
    RepoPath::parse(&format!("{FOLDER}/{id}.yaml")).ok()
}

/// The id of the spec that a lock file belongs to.
pub fn owner_of(path: &RepoPath) -> Option<SpecId> {
    let id = path.as_str().strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".yaml")?;
    Some(SpecId::from_argument(id))
}

/// The ref that keeps the generated texts of a spec alive. What git forbids in names of refs is written in percent.
pub fn pristine_ref(id: &SpecId) -> String {
    let mut name = String::from(PRISTINE);
    for part in id.as_str().split('/') {
        name.push('/');
        for (at, byte) in part.bytes().enumerate() {
            let dot = byte == b'.' && (at == 0 || part.ends_with(".lock") || part.contains(".."));
            if !dot && (byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
                name.push(char::from(byte));
            } else {
                name.push_str(&format!("%{byte:02x}"));
            }
        }
    }
    name
}

/// How a spec and its files stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// Nothing to do.
    Current,
    /// Never generated.
    New,
    /// An input is not what it was.
    Changed {
        /// Which inputs.
        inputs: Vec<String>,
    },
    /// Generated files are not as they were delivered.
    Edited {
        /// Which files.
        files: Vec<String>,
        /// Inputs that changed as well.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        inputs: Vec<String>,
    },
    /// Generated files are gone.
    Missing {
        /// Which files.
        files: Vec<String>,
        /// Those of them that stand elsewhere now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        moved: Vec<Moved>,
    },
    /// Something must be settled by a person first: conflict markers, or a lock that cannot be read.
    Conflicting {
        /// Which files.
        files: Vec<String>,
    },
    /// The spec is gone; its files are kept.
    Orphaned {
        /// Which files.
        files: Vec<String>,
    },
}

/// A file that was moved, and whose spec does not say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Where its spec has it.
    pub from: String,
    /// Where it stands.
    pub to: String,
}

impl State {
    /// The word for it.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::New => "new",
            Self::Changed { .. } => "changed",
            Self::Edited { .. } => "edited",
            Self::Missing { .. } => "missing",
            Self::Conflicting { .. } => "conflicting",
            Self::Orphaned { .. } => "orphaned",
        }
    }

    /// What is behind the word.
    pub fn detail(&self) -> String {
        match self {
            Self::Current | Self::New => String::new(),
            Self::Changed { inputs } => inputs.join(", "),
            Self::Edited { files, inputs } if inputs.is_empty() => files.join(", "),
            Self::Edited { files, inputs } => format!("{}; changed: {}", files.join(", "), inputs.join(", ")),
            Self::Missing { files, moved } => {
                let shown = files.iter().map(|file| match moved.iter().find(|moved| moved.from == *file) {
                    Some(moved) => format!("{file}, which stands at {} now", moved.to),
                    None => file.clone(),
                });
                shown.collect::<Vec<_>>().join(", ")
            }
            Self::Conflicting { files } | Self::Orphaned { files } => files.join(", "),
        }
    }

    /// Whether a run has something to do. Edits by hand of a spec that did not change are somebody's will.
    pub fn wants_generation(&self) -> bool {
        match self {
            Self::Current | Self::Orphaned { .. } => false,
            Self::Edited { inputs, .. } => !inputs.is_empty(),
            Self::New | Self::Changed { .. } | Self::Missing { .. } | Self::Conflicting { .. } => true,
        }
    }
}

/// A file as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The digest of its text.
    pub digest: String,
    /// Whether it has conflict markers.
    pub markers: bool,
}

impl Stamp {
    /// The stamp of a file, which may be no text.
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { digest: digest(text), markers: has_markers(text) },
            Err(_) => Self { digest: digest_of_bytes(bytes), markers: false },
        }
    }
}

/// Whether a file is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It is not.
    Missing,
    /// It is left out of the tree on purpose, and this clone cannot say how it stands: nothing is known against it.
    Outside,
    /// It is.
    Stands(Stamp),
}

impl Presence {
    fn stamp(&self) -> Option<&Stamp> {
        match self {
            Self::Stands(stamp) => Some(stamp),
            Self::Missing | Self::Outside => None,
        }
    }
}

/// Everything that a lock is compared with: names and what stands behind them now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Digest of the spec file.
    pub spec: String,
    /// The pattern, `name@version`.
    pub pattern: String,
    /// Digest of the pattern.
    pub pattern_digest: String,
    /// The thresholds that are asked for.
    pub gates: String,
    /// The files that the spec uses.
    pub uses: Vec<(String, Presence)>,
    /// The examples that the spec names; `None` where they are found.
    pub examples: Option<Vec<(String, Presence)>>,
    /// The files that the spec owns.
    pub files: Vec<(String, Presence)>,
}

/// Compares what stands with the lock.
pub fn judge(now: &Standing, lock: Option<&Lock>) -> State {
    let marked =
        |(path, now): &(String, Presence)| now.stamp().is_some_and(|stamp| stamp.markers).then(|| path.clone());
    let conflicting: Vec<String> = now.files.iter().filter_map(marked).collect();
    if !conflicting.is_empty() {
        return State::Conflicting { files: conflicting };
    }
    let Some(lock) = lock else { return State::New };
    let stand: Vec<(&str, Option<&str>)> =
        now.files.iter().map(|(path, now)| (path.as_str(), now.stamp().map(|stamp| stamp.digest.as_str()))).collect();
    let known = follow(lock, &stand);
    let (mut missing, mut edited) = (Vec::new(), Vec::new());
    for (path, now) in &now.files {
        let locked = known.get(path.as_str()).and_then(|old| lock.files.get(*old));
        match (now, locked) {
            (Presence::Missing, _) => missing.push(path.clone()),
            (Presence::Outside, _) => {}
            (Presence::Stands(stamp), Some(locked)) if stamp.digest == locked.digest => {}
            (Presence::Stands(_), _) => edited.push(path.clone()),
        }
    }
    if !missing.is_empty() {
        return State::Missing { files: missing, moved: Vec::new() };
    }
    let inputs = changed_inputs(now, lock);
    match (edited.is_empty(), inputs.is_empty()) {
        (true, true) => State::Current,
        (true, false) => State::Changed { inputs },
        (false, _) => State::Edited { files: edited, inputs },
    }
}

fn changed_inputs(now: &Standing, lock: &Lock) -> Vec<String> {
    let mut inputs = Vec::new();
    if lock.spec != now.spec {
        inputs.push("spec".to_owned());
    }
    if lock.pattern_digest != now.pattern_digest {
        inputs.push(format!("pattern {} (was {})", now.pattern, lock.pattern));
    }
    if lock.gates != now.gates {
        inputs.push(format!("gates: {} (was {})", now.gates, if lock.gates.is_empty() { "none" } else { &lock.gates }));
    }
    let mut compare = |files: &[(String, Presence)], known: &BTreeMap<String, String>| {
        for (path, now) in files {
            if *now != Presence::Outside && now.stamp().map(|stamp| &stamp.digest) != known.get(path) {
                inputs.push(path.clone());
            }
        }
    };
    compare(&now.uses, &lock.uses);
    if let Some(examples) = &now.examples {
        compare(examples, &lock.examples);
    }
    inputs
}

/// Which locked file each file of a spec, with the digest it has now, goes back to: the one of its own path, or one that was
/// renamed. A rename is sure when the text is the same, when file names are equal, or when one path of each side is left over.
pub fn follow<'l, 'p>(lock: &'l Lock, files: &[(&'p str, Option<&str>)]) -> BTreeMap<&'p str, &'l str> {
    let mut found: BTreeMap<&str, &str> = BTreeMap::new();
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let mut old: Vec<(&str, &LockedFile)> = Vec::new();
    for (path, locked) in &lock.files {
        match files.iter().find(|(own, _)| own == path) {
            Some((own, _)) => drop(found.insert(own, path)),
            None => old.push((path, locked)),
        }
    }
    let mut left: Vec<(&str, Option<&str>)> =
        files.iter().copied().filter(|(path, _)| !found.contains_key(path)).collect();
    for same in [
        &(|(_, now): (&str, Option<&str>), (_, locked): (&str, &LockedFile)| now == Some(locked.digest.as_str()))
            as &dyn Fn((&str, Option<&str>), (&str, &LockedFile)) -> bool,
        &|(path, _), (other, _)| name(other) == name(path),
    ] {
        left.retain(|file| {
            let twin = old.iter().position(|locked| same(*file, *locked));
            twin.map(|at| found.insert(file.0, old.remove(at).0)).is_none()
        });
    }
    if let ([(path, _)], [(other, _)]) = (left.as_slice(), old.as_slice()) {
        found.insert(path, other);
    }
    found
}

/// Reads a lock file; the error says what is wrong with it.
pub fn parse(text: &str) -> Result<Lock, String> {
    if has_markers(text) {
        return Err("it has conflict markers".to_owned());
    }
    let lock: Lock = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    if lock.version == VERSION { Ok(lock) } else { Err(format!("its format is version {}", lock.version)) }
}

/// Writes a lock file.
pub fn render(lock: &Lock) -> Result<String, String> {
    let body = serde_yaml::to_string(lock).map_err(|error| error.to_string())?;
    Ok(format!("# Written by codegen. Commit it; do not edit it.\n{body}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(text: &str) -> Presence {
        Presence::Stands(Stamp::of(text.as_bytes()))
    }

    fn lock() -> Lock {
        let file = |text: &str| LockedFile { digest: digest(text), pristine: Some("b".repeat(40)) };
        Lock {
            version: VERSION,
            spec: digest("spec"),
            spec_blob: None,
            pattern: "plain@1.0.0".to_owned(),
            pattern_digest: "p".to_owned(),
            prompt: "turns@1".to_owned(),
            model: "m".to_owned(),
            gates: "test_runs 5".to_owned(),
            uses: BTreeMap::from([("src/money.rs".to_owned(), digest("money"))]),
            examples: BTreeMap::from([("src/user.rs".to_owned(), digest("user"))]),
            files: BTreeMap::from([("src/a.rs".to_owned(), file("a")), ("tests/a.rs".to_owned(), file("t"))]),
        }
    }

    fn now() -> Standing {
        Standing {
            spec: digest("spec"),
            pattern: "plain@1.0.0".to_owned(),
            pattern_digest: "p".to_owned(),
            gates: "test_runs 5".to_owned(),
            uses: vec![("src/money.rs".to_owned(), stamp("money"))],
            examples: Some(vec![("src/user.rs".to_owned(), stamp("user"))]),
            files: vec![("src/a.rs".to_owned(), stamp("a")), ("tests/a.rs".to_owned(), stamp("t"))],
        }
    }

    #[test]
    fn a_lock_is_read_as_it_was_written_and_has_one_fact_to_a_line() {
        let text = render(&lock()).unwrap();
        assert_eq!(parse(&text).unwrap(), lock());
        assert_eq!(text, render(&parse(&text).unwrap()).unwrap());
        assert!(
            text.contains("files:\n  src/a.rs:\n    digest: ") && text.lines().all(|line| !line.contains('{')),
            "{text}"
        );
        assert!(parse(&text.replace("version: 2", "version: 1")).is_err());
        assert!(parse(&format!("<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n")).is_err());
    }

    #[test]
    fn each_state_is_told_apart() {
        let lock = lock();
        let judged = |change: &dyn Fn(&mut Standing)| {
            let mut now = now();
            change(&mut now);
            judge(&now, Some(&lock))
        };
        let changed = |input: &str| State::Changed { inputs: vec![input.to_owned()] };
        assert_eq!(judge(&now(), None), State::New);
        assert_eq!(judged(&|_| {}), State::Current);
        assert_eq!(judged(&|now| now.spec = digest("other")), changed("spec"));
        assert_eq!(judged(&|now| now.pattern_digest = "q".into()), changed("pattern plain@1.0.0 (was plain@1.0.0)"));
        assert_eq!(judged(&|now| now.gates = "test_runs 9".into()), changed("gates: test_runs 9 (was test_runs 5)"));
        assert_eq!(judged(&|now| now.uses[0].1 = stamp("cash")), changed("src/money.rs"));
        assert_eq!(
            judged(&|now| now.examples = Some(vec![("src/user.rs".into(), Presence::Missing)])),
            changed("src/user.rs")
        );
        assert_eq!(judged(&|now| now.examples = None), State::Current);
        assert_eq!(judged(&|now| now.files[0].1 = stamp("a\r\n")).id(), "edited");
        let missing = State::Missing { files: vec!["tests/a.rs".into()], moved: Vec::new() };
        assert_eq!(judged(&|now| now.files[1].1 = Presence::Missing), missing);
        assert_eq!(judged(&|now| now.files[1].1 = Presence::Outside), State::Current);
        assert_eq!(judged(&|now| now.uses[0].1 = Presence::Outside), State::Current);
        // A file that is no text any more was edited, and is not missing.
        assert_eq!(judged(&|now| now.files[0].1 = Presence::Stands(Stamp::of(b"a\xff"))).id(), "edited");
        let both = judged(&|now| {
            now.files[0].1 = stamp("b");
            now.spec = digest("other");
        });
        assert_eq!(both, State::Edited { files: vec!["src/a.rs".into()], inputs: vec!["spec".into()] });
        assert!(both.wants_generation() && !judged(&|now| now.files[0].1 = stamp("b")).wants_generation());
        let marked = judged(&|now| now.files[0].1 = stamp("<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n"));
        assert_eq!(marked, State::Conflicting { files: vec!["src/a.rs".into()] });
    }

    #[test]
    fn renamed_files_go_back_to_what_they_were() {
        let lock = lock();
        let with = |files: &[(&str, Option<&str>)]| -> Vec<(String, String)> {
            follow(&lock, files).into_iter().map(|(new, old)| (new.to_owned(), old.to_owned())).collect()
        };
        let followed = |paths: &[&str]| with(&paths.iter().map(|path| (*path, None)).collect::<Vec<_>>());
        let pair = |new: &str, old: &str| (new.to_owned(), old.to_owned());
        assert_eq!(
            followed(&["src/b.rs", "tests/a.rs"]),
            [pair("src/b.rs", "src/a.rs"), pair("tests/a.rs", "tests/a.rs")]
        );
        // Both have one name; the one that is where it was is taken first.
        assert_eq!(
            followed(&["src/deep/a.rs", "tests/a.rs"]),
            [pair("src/deep/a.rs", "src/a.rs"), pair("tests/a.rs", "tests/a.rs")]
        );
        assert_eq!(followed(&["src/b.rs", "tests/b.rs"]), []);
        // Their texts tell which is which.
        let (code, tests) = (digest("a"), digest("t"));
        assert_eq!(
            with(&[("tests/b.rs", Some(&tests)), ("src/b.rs", Some(&code))]),
            [pair("src/b.rs", "src/a.rs"), pair("tests/b.rs", "tests/a.rs")]
        );
    }

    #[test]
    fn refs_have_names_that_git_takes() {
        for (id, name) in [
            ("orders/order-repository", "orders/order-repository"),
            ("a b", "a%20b"),
            (".hidden/x.lock", "%2ehidden/x%2elock"),
            ("a..b~^:", "a%2e%2eb%7e%5e%3a"),
            ("v1.2/x", "v1.2/x"),
        ] {
            assert_eq!(pristine_ref(&SpecId::from_argument(id)), format!("{PRISTINE}/{name}"));
        }
    }
}
