//! Frames of a stack as V8 prints it: `at validateOptions (file:///shop/dist/notifier.js:31:15)`.

/// The name of the function in a frame, without what it belongs to. None where a line is no frame, or its function has no name.
pub fn function_in(line: &str) -> Option<&str> {
    let line = line.trim();
    let (called, place) = line.strip_prefix("at ").unwrap_or(line).split_once(" (")?;
    let is_file = place.starts_with("file://") || place.starts_with(['/', '.']);
    let name = called.rsplit([' ', '.']).next()?;
    let is_name = name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$'));
    (is_file && is_name && place.ends_with(')') && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_names_its_function() {
        for (line, name) in [
            ("    at validateOptions (file:///shop/dist/notifier.js:31:15)", Some("validateOptions")),
            ("validateOptions (file://dist/notifier.js:31:15)", Some("validateOptions")),
            ("    at EmailNotifier.send (/shop/dist/notifier.js:31:15)", Some("send")),
            ("    at new Notifier (/shop/dist/notifier.js:31:15)", Some("Notifier")),
            ("TestContext.<anonymous> (file://dist/a.test.js:8:12)", None),
            ("Test.run (node:internal/test_runner/test:796:25)", None),
            ("node:internal/process/task_queues:140:7", None),
            ("want send (twice)", None),
        ] {
            assert_eq!(function_in(line), name, "{line}");
        }
    }
}
