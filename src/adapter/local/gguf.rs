//! A weights file: GGUF, looked at before anything of it is loaded.
//!
//! Everything that is asked of the metadata comes with an error that names the key, so that a file of another make says
//! what is missing instead of failing somewhere inside.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use candle_core::Device;
use candle_core::quantized::QTensor;
use candle_core::quantized::gguf_file::{Content, Value};

use crate::port::ModelError;

/// Why weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file cannot be read.
    #[error("the weights {} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is something else.
    #[error("{} is not a weights file: {what}", path.display())]
    NotWeights {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
    },
    /// The weights are of a kind that the engine does not run.
    #[error("{} cannot be run: {what}", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What is not supported, by its name.
        what: String,
    },
    /// The file is damaged or incomplete.
    #[error("{} is damaged or incomplete: {what}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
}

impl WeightsError {
    /// The error as callers of a model see it.
    pub fn into_model_error(self) -> ModelError {
        let hint = match &self {
            Self::Unreadable { .. } => "name a GGUF file: `--model local:/path/to/weights.gguf`",
            Self::NotWeights { .. } => {
                "weights are GGUF files, which begin with the letters GGUF; `codegen model list` shows known ones"
            }
            Self::Unsupported { .. } => {
                "the engine runs the architectures qwen2, qwen3 and llama; a server such as Ollama may run the others"
            }
            Self::Broken { .. } => "fetch the file again: `codegen model pull`",
        };
        ModelError { kind: "weights".into(), message: self.to_string(), hint: Some(hint.to_owned()) }
    }
}

/// A weights file whose table of contents was read.
pub(super) struct WeightsFile {
    path: PathBuf,
    reader: BufReader<File>,
    content: Content,
}

impl WeightsFile {
    /// Opens a file and reads its table of contents.
    pub(super) fn open(path: &Path) -> Result<Self, WeightsError> {
        let unreadable = |error| WeightsError::Unreadable { path: path.to_owned(), error };
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(WeightsError::NotWeights { path: path.to_owned(), what: "it is a folder".to_owned() });
        }
        let mut reader = BufReader::with_capacity(1 << 20, file);
        let mut head = Vec::new();
        reader.by_ref().take(64).read_to_end(&mut head).map_err(unreadable)?;
        if !head.starts_with(b"GGUF") {
            return Err(WeightsError::NotWeights { path: path.to_owned(), what: describe(&head) });
        }
        reader.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let content = Content::read(&mut reader).map_err(|error| {
            let what = plain(&error);
            // Kinds of tensors that candle does not know are told apart by nothing but its words.
            if what.contains("dtype") {
                WeightsError::Unsupported { path: path.to_owned(), what: format!("its tensors: {what}") }
            } else {
                WeightsError::Broken { path: path.to_owned(), what }
            }
        })?;
        Ok(Self { path: path.to_owned(), reader, content })
    }

    /// The table of contents, for the tokenizer.
    pub(super) fn content_mut(&mut self) -> &mut Content {
        &mut self.content
    }

    /// A value of the metadata.
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.content.metadata.get(key)
    }

    /// A text of the metadata.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.value(key)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number of the metadata, however wide it is stored.
    pub(super) fn number(&self, key: &str) -> Option<usize> {
        match self.value(key)? {
            Value::I32(value) => usize::try_from(*value).ok(),
            Value::I64(value) => usize::try_from(*value).ok(),
            value => usize::try_from(value.to_u64().ok()?).ok(),
        }
    }

    /// A fraction of the metadata.
    pub(super) fn fraction(&self, key: &str) -> Option<f32> {
        match self.value(key)? {
            #[expect(clippy::cast_possible_truncation, reason = "rates and epsilons need no more digits")]
            Value::F64(value) => Some(*value as f32),
            value => value.to_f32().ok(),
        }
    }

    /// A whole number that must be there and not be zero.
    pub(super) fn required(&self, key: &str) -> Result<usize, WeightsError> {
        self.number(key).filter(|number| *number > 0).ok_or_else(|| self.broken(format!("the metadata lacks `{key}`")))
    }

    /// Whether there is a tensor of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    /// Loads a tensor.
    pub(super) fn tensor(&mut self, name: &str) -> Result<QTensor, WeightsError> {
        self.content.tensor(&mut self.reader, name, &Device::Cpu).map_err(|error| self.broken(plain(&error)))
    }

    /// Loads a tensor that is small enough for plain numbers.
    pub(super) fn numbers(&mut self, name: &str) -> Result<Vec<f32>, WeightsError> {
        let tensor = self.tensor(name)?;
        let numbers = tensor.dequantize(&Device::Cpu).and_then(|tensor| tensor.flatten_all()?.to_vec1::<f32>());
        numbers.map_err(|error| self.broken(plain(&error)))
    }

    /// The error of a file that lacks something.
    pub(super) fn broken(&self, what: impl Into<String>) -> WeightsError {
        WeightsError::Broken { path: self.path.clone(), what: what.into() }
    }

    /// The error of a file of another make.
    pub(super) fn unsupported(&self, what: impl Into<String>) -> WeightsError {
        WeightsError::Unsupported { path: self.path.clone(), what: what.into() }
    }

    /// A digest by which states computed with these weights are told apart from those of others: of the length and of both
    /// ends, where the metadata and the last tensors are. It guards against mix-ups, not against attackers.
    pub(super) fn identity(&mut self) -> Result<blake3::Hash, WeightsError> {
        const END: u64 = 4 << 20;
        let path = self.path.clone();
        let unreadable = |error| WeightsError::Unreadable { path: path.clone(), error };
        let length = self.reader.seek(SeekFrom::End(0)).map_err(unreadable)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&length.to_le_bytes());
        for start in [0, length.saturating_sub(END)] {
            let mut part = Vec::new();
            self.reader.seek(SeekFrom::Start(start)).map_err(unreadable)?;
            self.reader.by_ref().take(END).read_to_end(&mut part).map_err(unreadable)?;
            hasher.update(&part);
        }
        Ok(hasher.finalize())
    }
}

/// The first line of an error of candle, which carries backtraces behind it.
pub(super) fn plain(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// What a file is, by its first bytes.
fn describe(head: &[u8]) -> String {
    if head.is_empty() {
        return "it is empty".to_owned();
    }
    match std::str::from_utf8(head).map(str::trim_end) {
        Ok(text) if !text.contains('\0') => {
            let shown: String = text.lines().next().unwrap_or_default().chars().take(40).collect();
            format!("it is a text that begins with “{shown}”")
        }
        _ => {
            let shown: Vec<String> = head.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            format!("it begins with the bytes {}", shown.join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(bytes: &[u8]) -> WeightsError {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        WeightsFile::open(file.path()).err().unwrap()
    }

    #[test]
    fn what_is_no_weights_file_is_said_to_be_what_it_is() {
        for (bytes, words) in [
            (&b"version https://git-lfs\n"[..], "it is a text that begins with “version https://git-lfs”"),
            (b"", "it is empty"),
            (b"PK\x03\x04\x00", "it begins with the bytes 50 4b 03 04"),
        ] {
            let error = error_of(bytes);
            assert!(matches!(error, WeightsError::NotWeights { .. }), "{error:?}");
            assert!(error.to_string().ends_with(words), "{error}");
        }
    }

    #[test]
    fn a_file_that_was_cut_is_broken() {
        assert!(matches!(error_of(b"GGUF\x03\0\0\0\x01"), WeightsError::Broken { .. }));
        let many = [&b"GGUF\x03\0\0\0"[..], &u64::MAX.to_le_bytes(), &u64::MAX.to_le_bytes()].concat();
        assert!(matches!(error_of(&many), WeightsError::Broken { .. }));
    }

    #[test]
    fn a_folder_or_nothing_at_all_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(WeightsFile::open(folder.path()), Err(WeightsError::NotWeights { .. })));
        let nothing = folder.path().join("nothing.gguf");
        assert!(matches!(WeightsFile::open(&nothing), Err(WeightsError::Unreadable { .. })));
    }
}
