//! A small HTTP server for doubles: one request a connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub method: String,
    /// The path without its query.
    pub path: String,
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Incoming {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// What goes back.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Closes the connection without a word instead.
    pub cut: bool,
}

/// A server on this machine. It ends when it is dropped.
pub struct Server {
    pub address: SocketAddr,
    stopping: Arc<AtomicBool>,
}

impl Server {
    pub fn start(answer: impl Fn(&Incoming) -> Outgoing + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (answer, stopping) = (Arc::new(answer), Arc::new(AtomicBool::new(false)));
        let stop = Arc::clone(&stopping);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let answer = Arc::clone(&answer);
                // A client that goes away in the middle is no fault of the server.
                std::thread::spawn(move || socket.and_then(|socket| serve(&socket, answer.as_ref())));
            }
        });
        Self { address, stopping }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

fn serve(mut socket: &TcpStream, answer: &(impl Fn(&Incoming) -> Outgoing + ?Sized)) -> std::io::Result<()> {
    let Some(request) = read(socket)? else { return Ok(()) };
    let reply = answer(&request);
    if !reply.cut {
        let mut head = format!("HTTP/1.1 {} Double\r\nconnection: close\r\n", reply.status);
        head.push_str(&format!("content-length: {}\r\n", reply.body.len()));
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        socket.write_all(format!("{head}\r\n").as_bytes())?;
        socket.write_all(&reply.body)?;
    }
    socket.shutdown(Shutdown::Both)
}

fn read(mut socket: &TcpStream) -> std::io::Result<Option<Incoming>> {
    let mut reader = BufReader::new(socket);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut request = Incoming { method, path, query, headers, body: Vec::new() };
    if request.header("expect").is_some() {
        socket.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    if request.header("transfer-encoding") == Some("chunked") {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size)?;
            let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            if size == 0 {
                break;
            }
            request.body.extend_from_slice(&chunk[..size]);
        }
    } else {
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        request.body = vec![0; length];
        reader.read_exact(&mut request.body)?;
    }
    Ok(Some(request))
}
