//! How fast a model was on this machine the last time it answered: a line in a file beside the states of prompts.

use std::path::Path;

/// Tokens a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// Tokens of questions.
    pub read: f64,
    /// Tokens of answers.
    pub written: f64,
}

impl Speed {
    /// What the last run noted.
    pub fn load(file: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(file).ok()?;
        let (read, written) = text.trim().split_once(' ')?;
        let (read, written) = (read.parse::<f64>().ok()?, written.parse::<f64>().ok()?);
        (read.is_finite() && written.is_finite() && read >= 0.0 && written >= 0.0).then_some(Self { read, written })
    }

    /// Notes it for people to see; nothing depends on it.
    pub(super) fn keep(self, file: &Path) -> std::io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let beside = tempfile::NamedTempFile::new_in(folder)?;
        std::fs::write(beside.path(), format!("{:.1} {:.2}\n", self.read, self.written))?;
        beside.persist(file).map(drop).map_err(|error| error.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("speeds/a");
        assert_eq!(Speed::load(&file), None);
        Speed { read: 60.0, written: 14.25 }.keep(&file).unwrap();
        assert_eq!(Speed::load(&file), Some(Speed { read: 60.0, written: 14.25 }));
        std::fs::write(&file, "fast").unwrap();
        assert_eq!(Speed::load(&file), None);
    }
}
