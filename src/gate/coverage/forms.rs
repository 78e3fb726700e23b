//! The forms in which tools report coverage, each read into the same value. A line that is not of the form is passed over;
//! a report of no known form is an error, since a figure read from it would mean nothing.

use serde_json::Value;

use super::{FileCoverage, Report};
use crate::language::xml::tags;

/// Reads a report of any known form.
pub fn read(text: &str) -> Result<Report, String> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with("mode:") {
        Ok(go_profile(start))
    } else if start.starts_with('<') {
        let jacoco = tags(start).any(|tag| tag.name() == "sourcefile");
        Ok(if jacoco { self::jacoco(start) } else { cobertura(start) })
    } else if start.starts_with('{') {
        let value: Value = serde_json::from_str(start).map_err(|error| format!("not JSON: {error}"))?;
        Ok(if value.get("files").is_some_and(Value::is_object) { coverage_py(&value) } else { istanbul(&value) })
    } else if start.lines().any(|line| line.starts_with("SF:")) {
        Ok(lcov(start))
    } else if start.is_empty() {
        Err("the coverage report is empty".to_owned())
    } else {
        Err("the coverage report is in no known form (lcov, Cobertura, JaCoCo, Go cover profile, Istanbul JSON, coverage.py JSON)"
            .to_owned())
    }
}

/// `SF:path`, `DA:line,hits[,checksum]`, `end_of_record`; see geninfo(1).
fn lcov(text: &str) -> Report {
    let mut report = Report::new();
    let mut current: Option<&mut FileCoverage> = None;
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            current = Some(report.entry(path.trim().to_owned()).or_default());
        } else if line.trim() == "end_of_record" {
            current = None;
        } else if let Some((file, data)) = current.as_mut().zip(line.strip_prefix("DA:")) {
            let mut parts = data.split(',');
            let number = parts.next().and_then(|number| number.trim().parse().ok());
            // Hits may be large, or negative where a tool overflowed.
            let hits = parts.next().map(str::trim).filter(|hits| hits.parse::<f64>().is_ok());
            if let Some((number, hits)) = number.zip(hits) {
                file.add(number, !hits.starts_with('-') && hits.parse::<f64>().is_ok_and(|hits| hits > 0.0));
            }
        }
    }
    report
}

/// `file:line.column,line.column statements hits`; see `go doc cmd/cover`.
fn go_profile(text: &str) -> Report {
    let mut report = Report::new();
    for line in text.lines().skip(1) {
        let Some(block) = go_block(line) else { continue };
        let file = report.entry(block.file.to_owned()).or_default();
        let (ran, all) = file.statements.unwrap_or_default();
        file.statements = Some((ran + if block.ran { block.statements } else { 0 }, all + block.statements));
        (block.start..=block.end).for_each(|line| file.add(line, block.ran));
    }
    report
}

struct GoBlock<'t> {
    file: &'t str,
    start: usize,
    end: usize,
    statements: u64,
    ran: bool,
}

fn go_block(line: &str) -> Option<GoBlock<'_>> {
    let (file, rest) = line.rsplit_once(':')?;
    let mut words = rest.split_whitespace();
    let (start, end) = words.next()?.split_once(',')?;
    let (start, start_column) = point(start)?;
    let (end, _) = point(end)?;
    let statements = words.next()?.parse().ok()?;
    let ran = words.next()?.parse::<u64>().ok()? > 0;
    // Longer than any file, so that a broken line does not fill the memory.
    let length = end.checked_sub(start).filter(|length| *length < 1_000_000)?;
    // A block starts behind the brace that opens it: that line belongs to what is in front.
    let start = if start_column > 1 && length > 0 && !ran { start + 1 } else { start };
    Some(GoBlock { file, start, end, statements, ran })
}

fn point(text: &str) -> Option<(usize, usize)> {
    let (line, column) = text.split_once('.')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// `{ path: { statementMap: { id: { start: { line } } }, s: { id: hits } } }`: a line ran when a statement that starts
/// there ran.
fn istanbul(value: &Value) -> Report {
    let mut report = Report::new();
    for (name, entry) in value.as_object().into_iter().flatten() {
        // Some versions wrap the entry.
        let entry = entry.get("data").filter(|data| data.get("statementMap").is_some()).unwrap_or(entry);
        let Some(map) = entry.get("statementMap").and_then(Value::as_object) else { continue };
        let path = entry.get("path").and_then(Value::as_str).unwrap_or(name);
        let file = report.entry(path.to_owned()).or_default();
        for (id, place) in map {
            let line = place.get("start").and_then(|start| start.get("line")).and_then(Value::as_u64);
            let hits = entry.get("s").and_then(|hits| hits.get(id)).and_then(Value::as_u64);
            if let Some(line) = line.and_then(|line| usize::try_from(line).ok()) {
                file.add(line, hits.is_some_and(|hits| hits > 0));
            }
        }
    }
    report
}

/// `{ files: { path: { executed_lines: [], missing_lines: [] } } }`.
fn coverage_py(value: &Value) -> Report {
    let mut report = Report::new();
    for (path, entry) in value.get("files").and_then(Value::as_object).into_iter().flatten() {
        let file = report.entry(path.clone()).or_default();
        for (key, ran) in [("executed_lines", true), ("missing_lines", false)] {
            let lines = entry.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_u64);
            lines.filter_map(|line| usize::try_from(line).ok()).for_each(|line| file.add(line, ran));
        }
    }
    report
}

/// `<class filename="…"><lines><line number="…" hits="…"/>`, below `<sources><source>…`.
fn cobertura(text: &str) -> Report {
    let mut report = Report::new();
    let mut current: Option<String> = None;
    for tag in tags(text) {
        match tag.name() {
            "class" => {
                current = tag.attribute("filename");
                if let Some(name) = &current {
                    report.entry(name.clone()).or_default();
                }
            }
            "/class" => current = None,
            "line" => {
                let number = tag.attribute("number").and_then(|number| number.parse().ok());
                let hits = tag.attribute("hits").and_then(|hits| hits.parse::<u64>().ok());
                let file = current.as_ref().and_then(|name| report.get_mut(name));
                if let (Some(number), Some(hits), Some(file)) = (number, hits, file) {
                    file.add(number, hits > 0);
                }
            }
            _ => {}
        }
    }
    report
}

/// `<package name="a/b"><sourcefile name="C.java"><line nr="…" ci="…"/>`: a line ran when one of its instructions did.
fn jacoco(text: &str) -> Report {
    let mut report = Report::new();
    let (mut package, mut current) = (String::new(), None);
    for tag in tags(text) {
        match tag.name() {
            "package" => package = tag.attribute("name").unwrap_or_default(),
            "sourcefile" => {
                let name = tag.attribute("name").unwrap_or_default();
                let path = if package.is_empty() { name } else { format!("{package}/{name}") };
                report.entry(path.clone()).or_default();
                current = Some(path);
            }
            "/sourcefile" => current = None,
            "line" => {
                let number = tag.attribute("nr").and_then(|number| number.parse().ok());
                let ran = tag.attribute("ci").and_then(|ran| ran.parse::<u64>().ok());
                let file = current.as_ref().and_then(|name| report.get_mut(name));
                if let (Some(number), Some(ran), Some(file)) = (number, ran, file) {
                    file.add(number, ran > 0);
                }
            }
            _ => {}
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(report: &Report, name: &str) -> Vec<(usize, bool)> {
        report.get(name).map_or_else(Vec::new, |file| file.lines.iter().map(|(line, ran)| (*line, *ran)).collect())
    }

    #[test]
    fn each_form_is_told_by_its_content_and_read() {
        let lcov = "TN:\nSF:/w/src/a.rs\nFN:1,a\nDA:1,2\nDA:2,0\nDA:3,5,abc\nLF:3\nend_of_record\nDA:9,1\n";
        let cobertura = "<?xml version=\"1.0\"?>\n<coverage><sources><source>/w</source></sources><packages><package><classes><class name='A' filename=\"src/a&amp;b.py\"><methods><method name='m'><lines><line number=\"1\" hits=\"1\"/></lines></method></methods><lines><line number=\"1\" hits=\"0\"/><line number=\"2\" hits=\"0\" branch=\"true\"/></lines></class></classes></package></packages></coverage>";
        let jacoco = "<?xml version=\"1.0\"?><report name=\"shop\"><package name=\"shop/orders\"><class name=\"shop/orders/A\" sourcefilename=\"A.java\"><method name=\"a\" line=\"2\"><counter type=\"LINE\" missed=\"1\" covered=\"1\"/></method></class><sourcefile name=\"A.java\"><line nr=\"2\" mi=\"0\" ci=\"3\" mb=\"0\" cb=\"0\"/><line nr=\"3\" mi=\"2\" ci=\"0\" mb=\"0\" cb=\"0\"/></sourcefile></package></report>";
        let istanbul = r#"{"/w/a.ts":{"path":"/w/a.ts","statementMap":{"0":{"start":{"line":1,"column":0},"end":{"line":1}},"1":{"start":{"line":3},"end":{"line":4}},"2":{"start":{"line":3},"end":{"line":3}}},"s":{"0":2,"1":0,"2":1},"fnMap":{},"f":{}}}"#;
        let python = r#"{"meta":{"version":"7.0"},"files":{"shop/a.py":{"executed_lines":[1,2],"missing_lines":[4],"excluded_lines":[9]}},"totals":{}}"#;
        for (text, name, expected) in [
            (lcov, "/w/src/a.rs", vec![(1, true), (2, false), (3, true)]),
            (cobertura, "src/a&b.py", vec![(1, true), (2, false)]),
            (jacoco, "shop/orders/A.java", vec![(2, true), (3, false)]),
            (istanbul, "/w/a.ts", vec![(1, true), (3, true)]),
            (python, "shop/a.py", vec![(1, true), (2, true), (4, false)]),
        ] {
            assert_eq!(lines(&read(text).unwrap(), name), expected, "{text}");
        }
        for text in ["", "all good\n", "{", "SF\n"] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_go_profile_counts_statements_and_its_lines_are_those_inside_of_blocks() {
        // if n%2 != 0 {            line 8
        //     return 0, ErrOdd     line 9
        // }                        line 10
        // return n / 2, nil        line 11
        let profile = "mode: set\nexample.com/shop/half/half.go:7.33,8.14 1 1\nexample.com/shop/half/half.go:8.14,10.3 1 0\nexample.com/shop/half/half.go:11.2,11.19 1 1\n";
        let report = read(profile).unwrap();
        let file = &report["example.com/shop/half/half.go"];
        assert_eq!(file.statements, Some((2, 3)));
        assert_eq!(file.lines.get(&9), Some(&false));
        assert_eq!([7, 8, 11].map(|line| file.lines.get(&line)), [Some(&true); 3]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(mode:|<|\\{|SF:)?\\PC{0,80}\n\\PC{0,80}") {
            let _ = read(&text);
        }
    }
}
