//! A static server for one folder, on 127.0.0.1 alone.
//!
//! It answers GET and HEAD for files in that folder and nothing else, below a path of choice: tests serve the site from a
//! deep one, as a course page would.
//!
//! What always holds: each connection has a thread of its own and is for one request, so none waits for another. Browsers
//! open many at once and leave some of them idle; a pool of threads leaves somebody waiting for those.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// What a request may hold: bytes before its body, and of its body.
const HEAD_MAX: u64 = 64 << 10;
const BODY_MAX: u64 = 64 << 20;
/// So long a connection may be silent.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a browser wants.
pub struct Request {
    /// As `GET`.
    pub method: String,
    /// From the path on.
    pub url: String,
    /// What it brings.
    pub body: Vec<u8>,
}

/// What it is given.
pub struct Answer {
    status: &'static str,
    mime_type: &'static str,
    body: Vec<u8>,
}

/// A server at work; it ends with the program.
pub struct Running {
    port: u16,
    mount: String,
    listener: thread::JoinHandle<()>,
}

/// Serves `folder` at `http://127.0.0.1:port/mount/`. Port 0 takes any free one; an empty mount is the root.
pub fn start(folder: &Path, port: u16, mount: &str) -> Result<Running> {
    let mount = if mount.is_empty() { "/".to_owned() } else { format!("/{}/", mount.trim_matches('/')) };
    let (folder, below) = (folder.to_owned(), mount.clone());
    let running = listen(port, move |request| answer(request, &folder, &below))?;
    Ok(Running { mount, ..running })
}

/// Answers whatever is asked, each request in a thread of its own. Port 0 takes any free one.
pub fn listen(port: u16, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Result<Running> {
    let listener = TcpListener::bind(("127.0.0.1", port)).with_context(|| {
        format!(
            "port {port} cannot be used, most likely another program has it: choose another by `--port {}`",
            port.wrapping_add(1)
        )
    })?;
    let port = listener.local_addr().context("the server has no address")?.port();
    let answer = Arc::new(answer);
    let listener = thread::spawn(move || {
        for stream in listener.incoming() {
            let answer = Arc::clone(&answer);
            // The browser may have gone away, or have said nothing; that is its right.
            thread::spawn(move || stream.map_err(Into::into).and_then(|stream| serve(stream, &*answer)));
        }
    });
    Ok(Running { port, mount: "/".to_owned(), listener })
}

impl Running {
    /// Where a browser finds it; ends in a slash.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.mount)
    }

    /// Serves until the program is ended from outside.
    pub fn serve_on(self) {
        // A listener that panicked has said so.
        let _ = self.listener.join();
    }
}

/// One request, and the end of the connection.
fn serve(stream: TcpStream, answer: &dyn Fn(&Request) -> Answer) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = read(&mut BufReader::new(&stream))?;
    write(&mut &stream, &answer(&request), request.method == "HEAD")?;
    stream.shutdown(Shutdown::Write)?;
    Ok(())
}

fn read(stream: &mut impl BufRead) -> Result<Request> {
    let mut head = stream.take(HEAD_MAX);
    let mut first = String::new();
    head.read_line(&mut first)?;
    let mut words = first.split_whitespace().map(str::to_owned);
    let (Some(method), Some(url)) = (words.next(), words.next()) else { bail!("no request") };
    let mut length = 0;
    loop {
        let mut line = String::new();
        ensure_more(head.read_line(&mut line)?)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse()?,
            Some(_) => {}
            None => break,
        }
    }
    if length > BODY_MAX {
        bail!("a request of {length} bytes");
    }
    let mut body = Vec::new();
    stream.take(length).read_to_end(&mut body)?;
    Ok(Request { method, url, body })
}

fn ensure_more(bytes: usize) -> io::Result<()> {
    if bytes == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

fn write(stream: &mut impl Write, answer: &Answer, is_head: bool) -> Result<()> {
    let Answer { status, mime_type, body } = answer;
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {mime_type}\r\nContent-Length: {length}\r\nCache-Control: no-cache\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    if !is_head {
        stream.write_all(body)?;
    }
    Ok(())
}

/// Answers with a file of `folder`, whose top is at `mount`.
pub fn answer(request: &Request, folder: &Path, mount: &str) -> Answer {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return plain("405 Method Not Allowed", "only GET and HEAD");
    }
    let found = find(&request.url, folder, mount).and_then(|file| Some((fs::read(&file).ok()?, mime_type(&file))));
    match found {
        Some((body, mime_type)) => Answer { status: "200 OK", mime_type, body },
        None => plain("404 Not Found", "not found"),
    }
}

/// A few words.
pub fn plain(status: &'static str, text: &str) -> Answer {
    Answer { status, mime_type: "text/plain; charset=utf-8", body: text.into() }
}

/// The file that an address stands for; none if it is outside of the folder or there is no such file.
fn find(url: &str, folder: &Path, mount: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let inside = decode(path)?;
    let inside = Path::new(inside.strip_prefix(mount)?).to_owned();
    if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let file = folder.join(inside);
    let file = if file.is_dir() { file.join("index.html") } else { file };
    file.is_file().then_some(file)
}

/// Resolves `%41` and the like.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn mime_type(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("warren-server-{}-{:?}", std::process::id(), thread::current().id()));
        fs::create_dir_all(folder.join("www")).expect("a temporary folder");
        fs::write(folder.join("index.html"), "<!doctype html>home").expect("a file");
        fs::write(folder.join("www/a b.wasm"), b"\0asm").expect("a file");
        folder
    }

    fn ask(running: &Running, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", running.port)).expect("the server listens");
        write!(stream, "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[test]
    fn files_have_the_types_a_browser_insists_on() {
        let folder = site();
        let running = start(&folder, 0, "course/week-3").expect("a free port");
        assert!(running.address().ends_with("/course/week-3/"));
        let home = ask(&running, "GET /course/week-3/?x=1");
        assert!(home.contains("200 OK") && home.contains("text/html") && home.ends_with("home"), "{home}");
        let wasm = ask(&running, "GET /course/week-3/www/a%20b.wasm");
        assert!(wasm.contains("Content-Type: application/wasm") && wasm.ends_with("\0asm"), "{wasm}");
        fs::remove_dir_all(folder).expect("it is there");
    }

    #[test]
    fn nothing_outside_is_served() {
        let folder = site();
        let running = start(&folder, 0, "course").expect("a free port");
        for request in [
            "GET /",
            "GET /index.html",
            "GET /course/../index.html",
            "GET /course/%2e%2e/%2e%2e/etc/passwd",
            "GET /course//etc/passwd",
        ] {
            assert!(ask(&running, request).contains("404"), "{request}");
        }
        assert!(ask(&running, "POST /course/").contains("405"));
        fs::remove_dir_all(folder).expect("it is there");
    }

    #[test]
    fn a_taken_port_is_explained() {
        let folder = site();
        let running = start(&folder, 0, "").expect("a free port");
        let error = start(&folder, running.port, "").err().expect("the port is taken");
        assert!(format!("{error:#}").contains("--port"), "{error:#}");
        fs::remove_dir_all(folder).expect("it is there");
    }

    #[test]
    fn many_that_come_at_once_are_all_answered_though_others_say_nothing() {
        let folder = site();
        let running = start(&folder, 0, "").expect("a free port");
        let connect = || TcpStream::connect(("127.0.0.1", running.port)).expect("the server listens");
        let silent: Vec<TcpStream> = (0..16).map(|_| connect()).collect();
        let mut asking: Vec<TcpStream> = (0..48).map(|_| connect()).collect();
        for stream in &mut asking {
            stream.set_read_timeout(Some(PATIENCE)).expect("not zero");
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").expect("it reads");
        }
        for mut stream in asking {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("it answers and ends");
            assert!(answer.ends_with("\r\n\r\n<!doctype html>home"), "{answer}");
        }
        drop(silent);
        fs::remove_dir_all(folder).expect("it is there");
    }

    #[test]
    fn a_head_has_no_body_and_what_is_brought_is_read_whole() {
        let folder = site();
        let running = start(&folder, 0, "").expect("a free port");
        let head = ask(&running, "HEAD /");
        assert!(head.contains("Content-Length: 19") && head.ends_with("\r\n\r\n"), "{head}");
        let brought = b"POST /seen HTTP/1.1\r\ncontent-length: 3\r\n\r\nabcdef";
        let request = read(&mut &brought[..]).expect("a request");
        assert_eq!((request.method.as_str(), request.url.as_str(), &*request.body), ("POST", "/seen", &b"abc"[..]));
        for broken in ["", "GET", "GET / HTTP/1.1\r\nHost: x", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"] {
            assert!(read(&mut broken.as_bytes()).is_err(), "{broken:?}");
        }
        fs::remove_dir_all(folder).expect("it is there");
    }
}
