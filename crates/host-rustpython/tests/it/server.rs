//! A web server in Python under a thousand concurrent requests.

use crate::binary::{Module, python};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

const REQUESTS: usize = 1_000;

/// The server's process, which is killed when this is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a request. The caller reads the answer from the returned stream.
fn send(port: u16, path: &str) -> TcpStream {
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
fn a_thousand_concurrent_requests_each_see_their_own_values() {
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

    // All requests are sent before the first answer is read: the server waits in the middle of each.
    let sent: Vec<_> = (0..REQUESTS)
        .map(|id| (id, send(port, &format!("/{id}/{}", 300 + id % 50))))
        .collect();
    for (id, stream) in sent {
        let steps = ["begin", "middle", "task", "task", "end"];
        let steps = steps.map(|step| format!("\n{step} of {id}")).concat();
        assert_eq!(body(stream), format!("{id}{steps}"));
    }
    assert_eq!(body(send(port, "/end")), "bye");
    drop(server);
}
