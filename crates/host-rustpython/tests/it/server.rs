//! A web server in Python, asked by a thousand at once.

use crate::binary::{Module, python};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

const REQUESTS: usize = 1_000;

/// The server, which ends with the test whatever happens.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a request, and leaves its answer to be read.
fn ask(port: u16, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it reads");
    stream
}

fn body(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole answer");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    body.to_owned()
}

#[test]
fn a_thousand_requests_at_once_each_see_their_own_values() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/programs/web_server.py");
    let mut child = python(Module::Ours)
        .arg(program)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let printed = child.stdout.take().expect("it is piped");
    let server = Server(child);
    let mut line = String::new();
    BufReader::new(printed)
        .read_line(&mut line)
        .expect("it prints its port");
    let port = line.trim().parse().expect("a number");

    // All are asked before the first is read: the server waits in the middle of each.
    let asked: Vec<_> = (0..REQUESTS)
        .map(|id| (id, ask(port, &format!("/{id}/{}", 300 + id % 50))))
        .collect();
    for (id, stream) in asked {
        let steps = ["begin", "middle", "task", "task", "end"];
        let steps = steps.map(|step| format!("\n{step} of {id}")).concat();
        assert_eq!(body(stream), format!("{id}{steps}"));
    }
    assert_eq!(body(ask(port, "/end")), "bye");
    drop(server);
}
