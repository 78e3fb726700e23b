//! Weights: how they come here, over real HTTP, and what is said of files that are none. The weights of these cases are a few
//! bytes; nothing of them is run.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use codegen::adapter::process::ProcessRunner;
use codegen::adapter::weights::{Cache, Fetch, Told, Weights, known};
use codegen::failure::{Failure, Kind};
use rustix::process::Signal;

use super::support::greeter::greeter;
use super::support::running::Running;

/// What the double of the hub does with a request.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// Sends what is asked for.
    Send,
    /// Sends so many bytes of it and hangs up.
    Cut(usize),
    /// Sends the file from its start, whatever was asked for.
    IgnoreRange,
    /// Sends so many bytes of something as long as real weights, and nothing more for as long as the client stays.
    Hold(usize),
    /// Refuses with a status.
    Refuse(u16),
}

/// A hub that has one file and does one deed a request; it notes the range of each.
struct Hub {
    address: String,
    ranges: Arc<Mutex<Vec<Option<usize>>>>,
    thread: JoinHandle<()>,
}

impl Hub {
    fn start(content: &'static [u8], deeds: Vec<Deed>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let ranges = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&ranges);
        let thread = std::thread::spawn(move || {
            for deed in deeds {
                let (stream, _) = listener.accept().unwrap();
                noted.lock().unwrap().push(serve(stream, content, deed));
            }
        });
        Self { address, ranges, thread }
    }

    /// Ends it, once every deed was done, and gives where each request wanted to begin.
    fn finish(self) -> Vec<Option<usize>> {
        self.thread.join().unwrap();
        Arc::into_inner(self.ranges).unwrap().into_inner().unwrap()
    }
}

fn serve(mut stream: TcpStream, content: &[u8], deed: Deed) -> Option<usize> {
    let mut range = None;
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        let line = line.unwrap().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(from) = line.strip_prefix("range: bytes=") {
            range = Some(from.trim_end_matches('-').parse::<usize>().unwrap());
        }
    }
    let start = if matches!(deed, Deed::IgnoreRange) { 0 } else { range.unwrap_or(0) };
    let body = content.get(start..).unwrap_or_default();
    let head = match (deed, start) {
        (Deed::Hold(_), _) => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", known()[0].bytes),
        (Deed::Refuse(status), _) => format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n"),
        (_, 0) => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", body.len()),
        _ => format!(
            "HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\ncontent-range: bytes {start}-{}/{}\r\n",
            body.len(),
            content.len() - 1,
            content.len()
        ),
    };
    let sent = match deed {
        Deed::Send | Deed::IgnoreRange => body,
        Deed::Cut(length) | Deed::Hold(length) => &body[..length],
        Deed::Refuse(_) => &[],
    };
    // The client may have gone by itself.
    let _ = stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes());
    let _ = stream.write_all(sent);
    if let Deed::Hold(_) = deed {
        let _ = stream.read(&mut [0]);
    }
    range
}

const CONTENT: &[u8] = b"GGUF, or so the first four letters say; there is nothing behind them.";

fn weights() -> Weights {
    Weights {
        name: "double",
        file: "double.gguf",
        bytes: CONTENT.len() as u64,
        // sha256sum of the content.
        sha256: "0ce57d3ff93552e1674a565fa1b98e1787594e28576d0f22c28f4d5622e8bb23",
        license: "MIT",
        repository: "somebody/double",
        wheels: None,
        about: "",
    }
}

/// Fetches, and gives what was told beside the result.
fn bring(
    folder: &Path,
    hub: &str,
    weights: Weights,
    online: bool,
    free: Option<u64>,
) -> (Result<std::path::PathBuf, Failure>, Vec<Told>) {
    let cache = Cache::new(folder.to_owned());
    let told = Mutex::new(Vec::new());
    let tell = |one: Told| told.lock().unwrap().push(one);
    let fetch = Fetch { cache: &cache, hub, online, runner: &ProcessRunner, free, tell: &tell };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let brought = runtime.block_on(fetch.bring(&weights));
    (brought, told.into_inner().unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with(".lock"));
    names.sort();
    names
}

#[test]
fn a_download_that_is_cut_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let third = CONTENT.len() * 3 / 10;
    let hub = Hub::start(CONTENT, vec![Deed::Cut(third), Deed::Send]);
    let (brought, told) = bring(folder.path(), &hub.address, weights(), true, None);
    assert_eq!(fs::read(brought.unwrap()).unwrap(), CONTENT);
    assert_eq!(hub.finish(), [None, Some(third)]);
    assert_eq!(names(folder.path()), ["double.gguf"]);
    assert!(told.contains(&Told::Progress { done: CONTENT.len() as u64, of: CONTENT.len() as u64 }));
}

#[test]
fn a_run_goes_on_with_what_an_earlier_one_left() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("double.gguf.part"), &CONTENT[..20]).unwrap();
    let hub = Hub::start(CONTENT, vec![Deed::Send]);
    bring(folder.path(), &hub.address, weights(), true, None).0.unwrap();
    assert_eq!(hub.finish(), [Some(20)]);
    // The next run asks nobody: the hub is gone.
    bring(folder.path(), "http://127.0.0.1:1", weights(), true, None).0.unwrap();
}

#[test]
fn a_server_that_knows_no_ranges_is_read_from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("double.gguf.part"), b"something else entirely").unwrap();
    let hub = Hub::start(CONTENT, vec![Deed::IgnoreRange]);
    let path = bring(folder.path(), &hub.address, weights(), true, None).0.unwrap();
    hub.finish();
    assert_eq!(fs::read(path).unwrap(), CONTENT);
}

#[test]
fn bytes_of_another_digest_are_not_used_and_do_not_stay() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(CONTENT, vec![Deed::Send]);
    let wrong = Weights { sha256: "0000000000000000000000000000000000000000000000000000000000000000", ..weights() };
    let failure = bring(folder.path(), &hub.address, wrong, true, None).0.unwrap_err();
    hub.finish();
    assert_eq!(failure.kind, Kind::Model);
    assert!(
        failure.causes[0].contains("has the SHA-256 0ce57d3ff93552e1674a565fa1b98e1787594e28576d0f22c28f4d5622e8bb23"),
        "{failure}"
    );
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn too_little_room_is_said_before_anything_is_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let failure = bring(folder.path(), "http://127.0.0.1:1", weights(), true, Some(1000)).0.unwrap_err();
    assert_eq!(failure.kind, Kind::Model);
    assert!(failure.message.contains("of disk space are needed"), "{failure}");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn a_hub_that_refuses_is_not_asked_again_and_the_ways_out_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(CONTENT, vec![Deed::Refuse(403)]);
    let failure = bring(folder.path(), &hub.address, weights(), true, None).0.unwrap_err();
    assert_eq!(hub.finish(), [None]);
    assert!(failure.causes[0].contains("HTTP 403"), "{failure}");
    assert_eq!(failure.hints.len(), 3);
}

#[test]
fn two_at_once_fetch_once() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(CONTENT, vec![Deed::Send]);
    std::thread::scope(|scope| {
        let one = scope.spawn(|| bring(folder.path(), &hub.address, weights(), true, None).0);
        let other = scope.spawn(|| bring(folder.path(), &hub.address, weights(), true, None).0);
        assert_eq!(one.join().unwrap().unwrap(), other.join().unwrap().unwrap());
    });
    // One deed was enough: a second request would have found nobody.
    assert_eq!(hub.finish().len(), 1);
}

#[test]
fn a_process_goes_on_with_what_another_had_fetched_when_it_was_killed() {
    let repository = greeter(&[]);
    let hub = Hub::start(CONTENT, vec![Deed::Hold(40), Deed::Refuse(404)]);
    let cache = tempfile::tempdir().unwrap();
    let pull = || {
        let mut program = repository.program();
        program.args(["model", "pull"]).env("HF_HUB_OFFLINE", "0").env("HF_ENDPOINT", &hub.address);
        // The second source has nothing either.
        program.env("PIP_NO_INDEX", "1").env("XDG_CACHE_HOME", cache.path());
        Running::start(&mut program)
    };
    let first = pull();
    let partial = cache.path().join("codegen/models").join(format!("{}.part", known()[0].file));
    first.until_fact("what was sent in its file", || fs::metadata(&partial).is_ok_and(|about| about.len() == 40));
    let second = pull();
    second.until_stderr("another process fetches");
    first.signal(Signal::KILL);
    let ran = second.finish().expect(4);
    assert_eq!(hub.finish(), [None, Some(40)]);
    assert!(ran.stderr.contains("HTTP 404") && ran.stderr.contains("from Python packages"), "{}", ran.stderr);
    assert!(ran.stderr.contains("codegen model pull"), "{}", ran.stderr);
    // What is there stays for the next try.
    assert_eq!(fs::read(&partial).unwrap(), CONTENT[..40]);
}

#[test]
fn without_a_network_the_program_ends_with_the_ways_out() {
    let repository = greeter(&[]);
    for arguments in [["model", "pull"].as_slice(), &["generate"], &["generate", "--model", "local"]] {
        let ran = repository.run(arguments).expect(4);
        for words in ["are not on this machine", "codegen model pull", "put qwen2.5-coder-1.5b", "OPENAI_API_KEY"] {
            assert!(ran.stderr.contains(words), "{arguments:?}: {words}\n{}", ran.stderr);
        }
    }
    let unknown = repository.run(&["model", "pull", "gpt-5"]).expect(2);
    assert!(unknown.stderr.contains("known: qwen2.5-coder-1.5b"), "{}", unknown.stderr);
}

#[test]
fn what_is_known_is_listed() {
    let repository = greeter(&[]);
    let listed = repository.run(&["model", "list"]).expect(0).stdout;
    assert!(listed.contains("qwen2.5-coder-1.5b  1.1 GB  Apache-2.0  to be fetched"), "{listed}");
    let json: serde_json::Value =
        serde_json::from_str(&repository.run(&["model", "list", "--json"]).expect(0).stdout).unwrap();
    assert_eq!((json[0]["default"].as_bool(), json[1]["path"].is_null()), (Some(true), true));
}

#[test]
fn files_that_are_no_weights_are_said_to_be_what_they_are() {
    let repository = greeter(&[]);
    let architecture = gguf("mamba");
    for (name, bytes, words) in [
        ("text.gguf", b"Not weights at all.\n".as_slice(), "it is a text that begins with “Not weights at all.”"),
        ("cut.gguf", &architecture[..30], "is damaged or incomplete"),
        ("other.gguf", &architecture, "its architecture is `mamba`"),
    ] {
        let file = repository.path().join(name);
        fs::write(&file, bytes).unwrap();
        let ran = repository.run(&["generate", "--model", &format!("local:{}", file.display())]).expect(4);
        assert!(ran.stderr.contains(words), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains("help: "), "{}", ran.stderr);
    }
    let ran = repository.run(&["generate", "--model", "local:./nothing.gguf"]).expect(4);
    assert!(ran.stderr.contains("cannot be read"), "{}", ran.stderr);
}

/// The table of contents of weights of an architecture, without any.
fn gguf(architecture: &str) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let mut bytes = b"GGUF\x03\0\0\0".to_vec();
    bytes.extend(0_u64.to_le_bytes());
    bytes.extend(1_u64.to_le_bytes());
    bytes.extend(text("general.architecture"));
    bytes.extend(8_u32.to_le_bytes());
    bytes.extend(text(architecture));
    bytes
}
