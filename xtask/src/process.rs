//! Runs a command. Its output is passed on line by line, and returned as a whole at the end.

use std::io::{BufRead, BufReader, PipeReader, pipe};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use xshell::Cmd;

use crate::Result;

/// The prefix of lines with a command's progress, which are not part of its output.
const PROGRESS: &str = "progress: ";

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Succeeded,
    Failed,
    /// Killed by a signal.
    Crashed,
    /// Killed after its time limit.
    TimedOut,
}

/// A command that has ended.
pub struct Finished {
    pub end: End,
    /// Standard output and standard error, in the order of the writes. The last line names a command
    /// that crashed or timed out.
    pub output: String,
}

impl Finished {
    pub fn succeeded(&self) -> bool {
        self.end == End::Succeeded
    }
}

/// Runs `cmd` and calls `on_line` with each line of its output.
///
/// # Errors
///
/// If the command cannot be started. A command that fails is no error.
pub fn run(cmd: Cmd<'_>, on_line: impl FnMut(&str)) -> Result<Finished> {
    run_within(cmd, Duration::MAX, on_line)
}

/// As [`run`], but kills the command after `limit`.
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
    // The command owns writing ends of the pipe. The output ends only when all are closed.
    drop(command);

    let lines = lines_of(reader);
    let started = Instant::now();
    let mut output = String::new();
    let timed_out = loop {
        match lines.recv_timeout(limit.saturating_sub(started.elapsed())) {
            Ok(line) => match line.strip_prefix(PROGRESS) {
                Some(now) => on_line(now),
                None => {
                    on_line(&line);
                    output += &line;
                    output.push('\n');
                }
            },
            Err(RecvTimeoutError::Disconnected) => break false,
            Err(RecvTimeoutError::Timeout) => {
                kill(&mut child);
                break true;
            }
        }
    };
    let status = child.wait().map_err(fail)?;
    let end = match (timed_out, status.success(), status.code()) {
        (true, ..) => End::TimedOut,
        (false, true, _) => End::Succeeded,
        (false, false, Some(_)) => End::Failed,
        (false, false, None) => End::Crashed,
    };
    match end {
        End::TimedOut => {
            let seconds = started.elapsed().as_secs();
            output.push_str(&format!("`{shown}` was killed after {seconds} s\n"));
        }
        End::Crashed => output.push_str(&format!("`{shown}` crashed: {status}\n")),
        End::Succeeded | End::Failed => {}
    }
    Ok(Finished { end, output })
}

/// Kills a command and all its descendants, which would otherwise keep running.
fn kill(child: &mut Child) {
    let mut doomed = vec![child.id().to_string()];
    // A line for each process: its id and its parent's.
    let all = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output();
    let all = all.map(|all| all.stdout).unwrap_or_default();
    let all = String::from_utf8_lossy(&all);
    let mut next = 0;
    while let Some(killed) = doomed.get(next).cloned() {
        doomed.extend(all.lines().filter_map(|line| {
            let (pid, parent) = line.trim().split_once(' ')?;
            (parent.trim() == killed).then(|| pid.to_string())
        }));
        next += 1;
    }
    let _: std::io::Result<ExitStatus> = Command::new("kill").arg("-9").args(&doomed).status();
    // For systems without `ps` and `kill`. An error means that the process has just ended.
    let _ = child.kill();
}

/// Reads lines on a separate thread, so that the caller can wait for them with a timeout.
fn lines_of(reader: PipeReader) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(reader).split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\r').to_owned();
            if sender.send(line).is_err() {
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
        let error = run(cmd!(sh, "no-such-program --flag"), |_| {}).err();
        let error = error.unwrap().to_string();
        let expected = "cannot run `no-such-program --flag`: ";
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn both_streams_arrive_by_line_and_as_a_whole() {
        let sh = Shell::new().unwrap();
        let mut seen = Vec::new();
        let command = cmd!(sh, "cargo no-such-command");
        let done = run(command, |line| seen.push(line.to_string())).unwrap();
        assert_eq!(done.end, End::Failed);
        assert!(done.output.contains("no-such-command"), "{}", done.output);
        assert_eq!(done.output.lines().collect::<Vec<_>>(), seen);
    }

    #[test]
    #[cfg(unix)]
    fn a_command_that_hangs_or_crashes_is_named() {
        let sh = Shell::new().unwrap();
        let ends = |script, seconds, end, says| {
            let limit = Duration::from_secs(seconds);
            let done = run_within(cmd!(sh, "sh -c {script}"), limit, |_| {}).unwrap();
            assert_eq!(done.end, end);
            assert!(done.output.contains(says), "{}", done.output);
        };
        ends(
            "sleep 600; true",
            0,
            End::TimedOut,
            "600; true\"` was killed after ",
        );
        ends("kill -6 $$", 60, End::Crashed, "crashed: signal: 6");
    }
}
