//! Runs a command: its output line by line as it comes, and whole at the end.

use std::io::{BufRead, BufReader, PipeReader, pipe};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use xshell::Cmd;

use crate::Result;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Succeeded,
    Failed,
    /// Killed, because its time was up.
    TimedOut,
}

/// A command that has ended.
pub struct Finished {
    pub end: End,
    /// Standard output and standard error, in the order in which they were written.
    pub output: String,
}

impl Finished {
    pub fn succeeded(&self) -> bool {
        self.end == End::Succeeded
    }
}

/// Runs `cmd` to its end, handing each line of output to `on_line`.
///
/// # Errors
///
/// When the command cannot be started; a command that fails is a result.
pub fn run(cmd: Cmd<'_>, on_line: impl FnMut(&str)) -> Result<Finished> {
    run_within(cmd, Duration::MAX, on_line)
}

/// Like [`run`], but kills the command when `limit` has passed.
pub fn run_within(
    cmd: Cmd<'_>,
    limit: Duration,
    mut on_line: impl FnMut(&str),
) -> Result<Finished> {
    let shown = cmd.to_string();
    let fail = |error| format!("cannot run `{shown}`: {error}");
    let (reader, writer) = pipe().map_err(fail)?;
    let mut command = Command::from(cmd);
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone().map_err(fail)?)
        .stderr(writer);
    let mut child = command.spawn().map_err(fail)?;
    // The command holds the pipe's writing ends; while one is open here, the output has no end.
    drop(command);

    let lines = lines_of(reader);
    let started = Instant::now();
    let mut output = String::new();
    let timed_out = loop {
        let left = limit.checked_sub(started.elapsed());
        match left.map_or(Err(RecvTimeoutError::Timeout), |left| {
            lines.recv_timeout(left)
        }) {
            Ok(line) => {
                on_line(&line);
                output.push_str(&line);
                output.push('\n');
            }
            Err(RecvTimeoutError::Disconnected) => break false,
            Err(RecvTimeoutError::Timeout) => {
                child.kill().map_err(fail)?;
                break true;
            }
        }
    };
    let status = child.wait().map_err(fail)?;
    let end = match (timed_out, status.success()) {
        (true, _) => End::TimedOut,
        (false, true) => End::Succeeded,
        (false, false) => End::Failed,
    };
    Ok(Finished { end, output })
}

/// Reads lines on a thread of its own, so that the one who waits for them can stop waiting.
fn lines_of(reader: PipeReader) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(reader).split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line);
            if sender
                .send(line.trim_end_matches('\r').to_string())
                .is_err()
            {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;
    use xshell::{Shell, cmd};

    #[test]
    fn a_command_that_cannot_start_is_named() {
        let sh = Shell::new().unwrap();
        let error = run(cmd!(sh, "no-such-program --flag"), |_| {})
            .err()
            .unwrap();
        assert!(
            error
                .to_string()
                .starts_with("cannot run `no-such-program --flag`: "),
            "{error}"
        );
    }

    #[test]
    fn both_streams_arrive_by_line_and_whole() {
        let sh = Shell::new().unwrap();
        let mut seen = Vec::new();
        let done = run(cmd!(sh, "cargo no-such-command"), |line| {
            seen.push(line.to_string())
        })
        .unwrap();
        assert_eq!(done.end, End::Failed);
        assert!(done.output.contains("no-such-command"), "{}", done.output);
        assert_eq!(done.output.lines().collect::<Vec<_>>(), seen);
    }

    #[test]
    #[cfg(unix)]
    fn a_command_that_hangs_is_killed() {
        let sh = Shell::new().unwrap();
        let done = run_within(cmd!(sh, "sleep 600"), Duration::from_millis(50), |_| {});
        assert_eq!(done.unwrap().end, End::TimedOut);
    }
}
