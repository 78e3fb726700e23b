//! `check` remembers: what it says from memory is what it finds when it looks at everything anew.

use std::fs;

use super::support::greeter::{CONFIG, PATTERN};
use super::support::repository::{Ran, TestRepository};

fn spec(name: &str, code: &str, more: &str) -> String {
    format!(
        "name: {name}\ndescription: Does things.\npattern: plain\nlanguage: python\nfiles: {{ code: {code}, tests: tests/{name}.py }}\n{more}"
    )
}

/// Twenty-four specs, all accepted as they stand.
fn many() -> TestRepository {
    let repository = TestRepository::with(&[
        (".codegen/config.yaml", CONFIG),
        (".codegen/patterns/plain.yaml", PATTERN),
        ("shared/base.py", "BASE = 1\n"),
    ]);
    for number in 0..24 {
        let group = number % 4;
        let uses = if number % 3 == 0 { "uses: [shared/base.py]\n" } else { "" };
        let code = format!("src/group{group}/thing{number}.py");
        repository.write(
            &format!(".codegen/specs/group{group}/thing{number}.yaml"),
            &spec(&format!("Thing{number}"), &code, uses),
        );
        repository.write(&code, &format!("THING = {number}\n"));
        repository.write(&format!("tests/Thing{number}.py"), &format!("THING = {number}\n"));
    }
    repository.run(&["check", "--accept"]).expect(0);
    repository.commit("accepted");
    repository
}

fn memo(repository: &TestRepository) -> std::path::PathBuf {
    repository.path().join(".git/codegen/check")
}

/// Checks from memory and anew, and gives what both say.
#[track_caller]
fn both(repository: &TestRepository, done: &str) -> Ran {
    let remembered = repository.run(&["check", "--json"]);
    let _ = fs::remove_file(memo(repository));
    let anew = repository.run(&["check", "--json"]);
    assert_eq!((&remembered.stdout, remembered.code), (&anew.stdout, anew.code), "after {done}: {}", remembered.stderr);
    remembered
}

#[test]
fn what_is_remembered_is_what_is_found_anew_whatever_happens_between() {
    let repository = many();
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut story = format!("seed {seed}");
    both(&repository, &story).expect(0);
    let texts = ["THING = 1\n", "# by hand\n", "<<<<<<< a\n=======\n>>>>>>> b\n", "caf\u{e9}\n"];
    for step in 0..60 {
        let number = random.usize(..24);
        let group = number % 4;
        let (spec_file, code) =
            (format!(".codegen/specs/group{group}/thing{number}.yaml"), format!("src/group{group}/thing{number}.py"));
        let lock = format!(".codegen/lock/group{group}/thing{number}.yaml");
        let remove = |path: &str| drop(fs::remove_file(repository.path().join(path)));
        let what = random.usize(..15);
        story.push_str(&format!("\n{step}: {what} {number}"));
        match what {
            0..4 => repository.write(&code, texts[random.usize(..texts.len())]),
            4 => remove(&code),
            5 => repository.write(&spec_file, &spec(&format!("Thing{number}"), &code, &format!("# {step}\n"))),
            6 => remove(&lock),
            7 => repository.write("shared/base.py", &format!("BASE = {step}\n")),
            8 => drop(repository.command("git").args(["checkout", "-q", "."]).status()),
            9 => {
                // Another file in its place, with an old time.
                let (new, file) = (repository.path().join("new.tmp"), repository.path().join(&code));
                fs::write(&new, "THING = 77\n").unwrap();
                fs::File::options()
                    .write(true)
                    .open(&new)
                    .unwrap()
                    .set_modified(std::time::SystemTime::UNIX_EPOCH)
                    .unwrap();
                let _ = fs::rename(new, file);
            }
            10 => {
                // Two specs that want one file, or a spec that is wrong: an error until it is mended.
                repository.write(&spec_file, &spec(&format!("Thing{number}"), "src/group0/thing0.py", ""));
                both(&repository, &story);
                repository.git(&["checkout", "-q", &spec_file]);
            }
            11 => {
                repository.write(
                    &format!(".codegen/specs/new{step}.yaml"),
                    &spec(&format!("New{step}"), &format!("src/new{step}.py"), ""),
                );
                both(&repository, &story);
                remove(&format!(".codegen/specs/new{step}.yaml"));
            }
            12 => {
                remove(&spec_file);
                both(&repository, &story);
                repository.git(&["checkout", "-q", &spec_file]);
            }
            13 => {
                let _ =
                    fs::rename(repository.path().join(&code), repository.path().join(format!("src/moved{step}.py")));
            }
            _ => {
                repository.write(
                    &format!("src/group{group}/beside{step}.codegen.yaml"),
                    &spec(&format!("Beside{step}"), &format!("src/beside{step}.py"), ""),
                );
                both(&repository, &story);
                remove(&format!("src/group{group}/beside{step}.codegen.yaml"));
            }
        }
        // Twice: the second time from what the first one kept.
        repository.run(&["check", "--json"]);
        both(&repository, &story);
    }
}

#[test]
fn after_one_change_only_what_it_concerns_is_judged_again() {
    let repository = many();
    // Until nothing was touched so lately that it is not trusted.
    let settled = |code: i32| loop {
        repository.run(&["check"]).expect(code);
        let kept = fs::read_to_string(memo(&repository)).unwrap();
        if !kept.contains("\n?\t") {
            break kept;
        }
    };
    let kept = settled(0);
    // A mark in what is remembered of one spec shows whether it is judged again.
    let marked = r#"{"id":"group1/thing5","name":"Thing5","pattern":"plain@1.0.0","language":"python","code":[],"tests":[],"state":"edited","files":["a mark"]}"#;
    let with_mark = kept.replacen("\"standings\":[]", &format!("\"standings\":[{marked}]"), 1);
    assert_ne!(with_mark, kept);
    fs::write(memo(&repository), with_mark).unwrap();
    let check = || repository.run(&["check"]).expect(3).stdout;
    assert!(check().contains("a mark"));
    repository.write("src/group0/thing4.py", "THING = 44\n");
    let shown = check();
    assert!(shown.contains("thing4  ") && shown.contains("a mark"), "{shown}");
    repository.write("tests/Thing5.py", "THING = 55\n");
    let shown = check();
    assert!(shown.contains("edited (tests/Thing5.py)") && !shown.contains("a mark"), "{shown}");
    // What concerns everything is reason to look at everything.
    fs::write(memo(&repository), settled(3).replace("tests/Thing5.py\"]", "a mark\"]")).unwrap();
    assert!(check().contains("a mark"));
    repository.write(".codegen/config.yaml", &format!("{CONFIG}# changed\n"));
    assert!(!check().contains("a mark"));
}

#[test]
fn a_new_ignore_file_or_a_nested_configuration_is_seen() {
    let repository = many();
    both(&repository, "nothing").expect(0);
    repository.write("src/group1/.codegen/config.yaml", "languages: [\n");
    both(&repository, "a broken configuration").expect(2);
    fs::remove_dir_all(repository.path().join("src/group1/.codegen")).unwrap();
    both(&repository, "it is gone").expect(0);
    repository.write("extra/thing.codegen.yaml", &spec("Extra", "extra/thing.py", ""));
    both(&repository, "a spec in a new folder").expect(3);
    repository.write(".gitignore", "extra/\n");
    both(&repository, "the folder is ignored").expect(0);
    repository.write("extra/another.codegen.yaml", &spec("Another", "extra/another.py", ""));
    both(&repository, "a spec in an ignored folder").expect(0);
}
