//! The ports: what the application needs from the outside world, as traits that adapters fulfil and tests replace.

mod forge;
mod memory;
mod workbench;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures::future::BoxFuture;

pub use forge::{
    Answered, Comment, CommitFacts, Comparison, Forge, ForgeCommit, ForgeError, ForgeFile, NewPullRequest, Permission,
    PullRequest, PullState, Pushed, Reaction, RepositoryFacts, Trouble,
};

pub use memory::{Found, Memory, Moment, Part, Recalled, Source};
pub use workbench::{Tools, Workbench};

pub use crate::call::{Role, Usage};
use crate::change::FileChange;
use crate::failure::Failure;
use crate::language::CommandLine;
use crate::language::detect::RepoView;
use crate::path::RepoPath;
use crate::prompt::Message;
use crate::spec::SpecId;

/// What a model call is for; recorded answers are found by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// The spec.
    pub spec: SpecId,
    /// Code or tests.
    pub role: Role,
    /// The attempt, from 1.
    pub attempt: u32,
    /// The question about one item of that attempt, or the continuation of its answer, from 1; zero asks for the whole.
    pub mend: u32,
}

/// One call of a model.
#[derive(Debug, Clone)]
pub struct ModelRequest {
    /// What it is for.
    pub purpose: Purpose,
    /// The model's name; empty for the provider's own choice.
    pub model: String,
    /// The conversation.
    pub messages: Vec<Message>,
    /// Sampling temperature.
    pub temperature: Option<f32>,
    /// What random numbers start from, where the model honours it.
    pub seed: Option<u64>,
    /// Most tokens of the answer.
    pub max_output_tokens: u32,
    /// The JSON schema the answer is held to, when the server honours one.
    pub schema: Option<serde_json::Value>,
}

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It was done.
    Stop,
    /// It ran into the limit of the answer.
    Length,
    /// It went round in circles, and the caller ended it.
    Repetition,
    /// A filter stopped it.
    ContentFilter,
    /// It called a tool that nobody offered.
    ToolCall,
    /// It refused, with these words.
    Refusal(String),
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Completion {
    /// The text.
    pub text: String,
    /// Why it ended.
    pub finish: Finish,
    /// What it took, when the server said so.
    pub usage: Option<Usage>,
    /// The server's id of the answer.
    pub id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// Seconds to the first piece of text.
    pub first_chunk: Option<f64>,
    /// Whether it came from the cache of answers.
    #[serde(skip)]
    pub cached: bool,
}

impl Completion {
    /// An answer that ended by itself, of which nothing but the text is known.
    pub fn whole(text: String) -> Self {
        Self { text, finish: Finish::Stop, usage: None, id: None, model: None, first_chunk: None, cached: false }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ModelError {
    /// A low-cardinality name: an HTTP status, or `timeout`, `network`, `cut_stream`, `protocol`, `no_recording`.
    pub kind: String,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What a model sends while it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// More text.
    Text(&'a str),
    /// The text so far is void: the call starts again.
    Restart,
}

/// What is known of a model before it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCard {
    /// The provider as traces name it: `openai`, `replay`.
    pub provider: String,
    /// The model's name.
    pub name: String,
    /// The server's host and port.
    pub server: Option<(String, u16)>,
    /// Why this one, for people.
    pub chosen: String,
    /// Whether it goes on with an answer that the conversation ends with the beginning of.
    pub continues: bool,
}

/// A language model.
pub trait Model: Send + Sync {
    /// What is known of it.
    fn card(&self) -> ModelCard;

    /// Answers a request; pieces of text go to `on_piece` as they come. Dropping the future ends the call.
    fn complete<'a>(
        &'a self,
        request: &'a ModelRequest,
        on_piece: &'a mut (dyn FnMut(Piece<'_>) + Send),
    ) -> BoxFuture<'a, Result<Completion, ModelError>>;

    /// Keeps an answer that was ended from outside, where answers are kept.
    fn keep<'a>(&'a self, _request: &'a ModelRequest, _ended: &'a Completion) -> BoxFuture<'a, Result<(), ModelError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Whether the server honours a JSON schema; may cost one small call, so the answer is remembered by who asks.
    fn honours_schema(&self) -> BoxFuture<'_, Result<bool, ModelError>>;
}

/// A command to run in a folder.
#[derive(Debug, Clone)]
pub struct Job {
    /// What runs.
    pub line: CommandLine,
    /// The folder it runs in.
    pub folder: PathBuf,
    /// How long it may take.
    pub timeout: Duration,
    /// Environment variables beyond the cleared environment.
    pub variables: Vec<(String, String)>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// With a code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// By its deadline.
    TimedOut,
}

/// A process that ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// How.
    pub exit: Exit,
    /// What it printed, both streams in the order in which they came, capped with its head and tail kept.
    pub output: String,
    /// What it printed on standard output alone, capped likewise.
    pub stdout: String,
    /// How long it took.
    pub duration: Duration,
}

impl Finished {
    /// Whether it ended with code 0.
    pub fn success(&self) -> bool {
        self.exit == Exit::Code(0)
    }
}

/// Why a process could not start.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RunError {
    /// There is no such program.
    #[error("`{0}` is not installed, or not on the search path")]
    NotFound(String),
    /// The system refused.
    #[error("`{program}` could not be started: {message}")]
    Refused {
        /// The program.
        program: String,
        /// What the system said.
        message: String,
    },
}

/// Runs commands of the repository.
pub trait Runner: Send + Sync {
    /// Runs one command to its end. Dropping the future kills its whole process group.
    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Result<Finished, RunError>>;
}

/// From where the scratch worktrees take the state of the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The user's tree, uncommitted changes included.
    WorkingTree,
    /// The last commit, with `.codegen` and specs as they stand in the user's tree.
    Head,
}

/// A scratch worktree, held until it is dropped.
pub trait Scratch: Send + Sync {
    /// Its root folder.
    fn root(&self) -> PathBuf;
    /// Brings it to the state of the base plus these files.
    fn reset(&self, files: &BTreeMap<RepoPath, String>) -> Result<(), Failure>;
    /// Removes a folder or a file that tools built, so that nothing of an earlier attempt counts again.
    fn discard(&self, folder: &str) -> Result<(), Failure>;
    /// Writes one file over what stands there, until the next reset.
    fn write(&self, path: &RepoPath, text: &str) -> Result<(), Failure>;
    /// The text of a file as it stands now, after formatters.
    fn read(&self, path: &RepoPath) -> Option<String>;
    /// The text of a file in the base state, without any generated file.
    fn base(&self, path: &RepoPath) -> Option<String>;
    /// What was remembered under a name, such as the state for which `setup` ran.
    fn remembered(&self, name: &str) -> Option<String>;
    /// Remembers something as long as the worktree lives.
    fn remember(&self, name: &str, value: &str);
}

/// Something that is held until it is dropped.
pub trait Held: Send + Sync {}

/// A commit on the bot's own branch.
#[derive(Debug, Clone)]
pub struct BranchCommit {
    /// The branch.
    pub branch: String,
    /// The commit message with its trailers.
    pub message: String,
    /// The files.
    pub changes: Vec<FileChange>,
    /// The branch to base it on; `None` takes the user's last commit.
    pub onto: Option<String>,
}

/// What became of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The commit, or the one that was there already.
    pub commit: String,
    /// The branch it is based on.
    pub base: String,
    /// Whether the branch already had exactly this content.
    pub unchanged: bool,
}

/// The files of one state of the repository, as they are read and never written.
pub trait Files: Send + Sync {
    /// Every file, sorted.
    fn list(&self) -> &[RepoPath];
    /// The bytes of a file.
    fn read(&self, path: &RepoPath) -> Option<Vec<u8>>;
}

/// The user's repository.
pub trait Workspace: Send + Sync {
    /// The root of the user's tree.
    fn root(&self) -> PathBuf;
    /// The branch that is checked out, unless none is.
    fn branch(&self) -> Option<String>;
    /// The id of the last commit.
    fn head(&self) -> Option<String>;
    /// Whether a file of the user's tree may be executed.
    fn is_executable(&self, path: &RepoPath) -> bool;
    /// Where the program keeps its own state, outside the user's tree.
    fn state_folder(&self) -> PathBuf;
    /// The files as they stand, for detection.
    fn view(&self) -> &dyn RepoView;
    /// The bytes of a file of the user's tree.
    fn read_bytes(&self, path: &RepoPath) -> Option<Vec<u8>>;
    /// The text of a file of the user's tree, when it is UTF-8.
    fn read(&self, path: &RepoPath) -> Option<String> {
        String::from_utf8(self.read_bytes(path)?).ok()
    }
    /// Whether a file is in the repository and left out of the tree on purpose, by a sparse checkout. Reading gives the text that
    /// git has of it, where this clone has that.
    fn is_outside(&self, path: &RepoPath) -> bool;
    /// Every file of the user's tree that git does not ignore, sorted.
    fn files(&self) -> Result<Vec<RepoPath>, Failure>;
    /// Every file below a folder, sorted.
    fn files_below(&self, folder: &str) -> Result<Vec<RepoPath>, Failure>;
    /// The files that are staged, where this is the view of what is staged.
    fn staged(&self) -> Option<Vec<RepoPath>>;
    /// The tree of a folder in the last commit.
    fn committed_tree(&self, folder: &str) -> Option<String>;
    /// The files below a folder in the last commit, with their blobs.
    fn committed_below(&self, folder: &str) -> Vec<(RepoPath, String)>;
    /// Files that are here and were not in the last commit.
    fn added(&self) -> Vec<RepoPath>;
    /// The text of a file in the last commit.
    fn committed(&self, path: &RepoPath) -> Option<String>;
    /// The files of the last commit that have this blob.
    fn committed_with(&self, blob: &str) -> Vec<RepoPath>;
    /// Where a file that is gone went, as the commits that took it away say it.
    fn renamed(&self, path: &RepoPath) -> Option<RepoPath>;
    /// The text of a blob that this clone has.
    fn blob(&self, id: &str) -> Option<String>;
    /// Removes a file of the program's own from the user's tree, such as the lock of a spec that is gone.
    fn forget(&self, path: &RepoPath) -> Result<(), Failure>;
    /// Whether git ignores a file.
    fn is_ignored(&self, path: &RepoPath) -> bool;
    /// Whether git has exactly this content of a file in its last commit, so that nothing is lost when it changes.
    fn is_committed(&self, path: &RepoPath) -> bool;
    /// A digest of the state that scratch worktrees start from.
    fn digest(&self, base: Base) -> Result<String, Failure>;
    /// Takes a free scratch worktree.
    fn scratch(&self, base: Base) -> Result<Box<dyn Scratch>, Failure>;
    /// Takes the lock of a run: one at a time in a repository, released when it is dropped or the process ends.
    fn begin_run(&self) -> Result<Box<dyn Held>, Failure>;
    /// Writes files into the user's tree: all of them or none, also when the process is killed meanwhile.
    fn deliver(&self, changes: &[FileChange]) -> Result<(), Failure>;
    /// Keeps generated texts alive in git, under the ref of a spec, and gives the blob of each.
    fn keep_pristine(
        &self,
        id: &SpecId,
        texts: &BTreeMap<RepoPath, String>,
    ) -> Result<BTreeMap<RepoPath, String>, Failure>;
    /// The text of a blob that was kept for a spec. One that this clone has not got is fetched; `None` when it is nowhere.
    fn pristine(&self, id: &SpecId, blob: &str) -> Option<String>;
    /// The name that git gives the blob of a text.
    fn blob_id(&self, text: &str) -> Option<String>;
    /// A text that was kept under this name outside the user's tree.
    fn kept(&self, name: &str) -> Option<String>;
    /// Keeps a text outside the user's tree, below the folder of the program's own state, and says where.
    fn save(&self, name: &str, text: &str) -> Result<PathBuf, Failure>;
    /// Commits files on a branch of the bot's own, with the tree and index of the user untouched.
    fn commit(&self, commit: &BranchCommit) -> Result<Committed, Failure>;
}

/// Lays out small projects that are no part of any repository.
pub trait Bench: Send + Sync {
    /// Makes a folder hold exactly these files, apart from what tools build there, and says where it is.
    fn lay_out(&self, group: &str, name: &str, files: &[(String, String)]) -> Result<PathBuf, Failure>;
}
