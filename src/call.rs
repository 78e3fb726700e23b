//! A model call as the domain sees it: what is asked for, and what it cost in tokens.

/// What a model is asked to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The code.
    Code,
    /// Its tests.
    Tests,
    /// Conflicts between edits by hand and a new generation, settled.
    Merge,
}

impl Role {
    /// The word for it in files and output.
    pub fn id(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Tests => "tests",
            Self::Merge => "merge",
        }
    }
}

/// Tokens of one call, as the server counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Usage {
    /// Tokens read, cached ones included.
    pub input: u64,
    /// Tokens written, reasoning included.
    pub output: u64,
    /// Tokens read that the server had cached.
    pub cached: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, more: Self) {
        self.input += more.input;
        self.output += more.output;
        self.cached += more.cached;
    }
}
