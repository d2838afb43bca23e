//! A static server for one folder, on 127.0.0.1 alone.
//!
//! It answers GET and HEAD for files in that folder and nothing else, below a path of choice: tests serve the site from a
//! deep one, as a course page would.

use anyhow::{Context, Result, anyhow};
use std::fs;
use std::io::Cursor;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread;
use tiny_http::{Header, Method, Request, Response, Server};

const THREADS: usize = 4;

/// A server at work; it ends with the program.
pub struct Running {
    port: u16,
    mount: String,
    workers: Vec<thread::JoinHandle<()>>,
}

/// Serves `folder` at `http://127.0.0.1:port/mount/`. Port 0 takes any free one; an empty mount is the root.
pub fn start(folder: &Path, port: u16, mount: &str) -> Result<Running> {
    let server = Server::http(("127.0.0.1", port)).map_err(|error| anyhow!("{error}")).with_context(|| {
        format!(
            "port {port} cannot be used, most likely another program has it: choose another by `--port {}`",
            port.wrapping_add(1)
        )
    })?;
    let port = server.server_addr().to_ip().context("the server has no address")?.port();
    let mount = if mount.is_empty() { "/".to_owned() } else { format!("/{}/", mount.trim_matches('/')) };
    let server = Arc::new(server);
    let workers = (0..THREADS)
        .map(|_| {
            let (server, folder, mount) = (Arc::clone(&server), folder.to_owned(), mount.clone());
            thread::spawn(move || {
                for request in server.incoming_requests() {
                    answer(request, &folder, &mount);
                }
            })
        })
        .collect();
    Ok(Running { port, mount, workers })
}

impl Running {
    /// Where a browser finds it; ends in a slash.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.mount)
    }

    /// Serves until the program is ended from outside.
    pub fn serve_on(self) {
        for worker in self.workers {
            // A worker that panicked has said so; the others go on.
            let _ = worker.join();
        }
    }
}

/// Answers one request with a file of `folder`, whose top is at `mount`.
pub fn answer(request: Request, folder: &Path, mount: &str) {
    let response = if !matches!(request.method(), Method::Get | Method::Head) {
        plain(405, "only GET and HEAD")
    } else {
        match find(request.url(), folder, mount) {
            Some(file) => send(&file),
            None => plain(404, "not found"),
        }
    };
    // The browser may have gone away; that is its right.
    let _ = request.respond(response);
}

fn send(file: &Path) -> Response<Cursor<Vec<u8>>> {
    match fs::read(file) {
        Ok(bytes) => with_headers(Response::from_data(bytes), mime_type(file)),
        Err(_) => plain(404, "not found"),
    }
}

fn plain(status: u16, text: &str) -> Response<Cursor<Vec<u8>>> {
    with_headers(Response::from_data(text.as_bytes()).with_status_code(status), "text/plain; charset=utf-8")
}

fn with_headers(response: Response<Cursor<Vec<u8>>>, mime_type: &str) -> Response<Cursor<Vec<u8>>> {
    let headers = [("Content-Type", mime_type), ("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")];
    headers.iter().fold(response, |response, (name, value)| match Header::from_bytes(*name, *value) {
        Ok(header) => response.with_header(header),
        Err(()) => response,
    })
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
    use std::io::{Read, Write};
    use std::net::TcpStream;

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
}
