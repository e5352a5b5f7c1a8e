//! Random programs on the engine, each step compared with a model.
//!
//! ```text
//! cargo run --release --example fuzz -- [--seconds N] [--seed N]
//! ```
//!
//! A program is a list of nested steps (`program.rs`): reads, sets, runs, copies and so on, on
//! several threads, with values and watchers that call back or panic. `play.rs` performs each step
//! on the engine and in a model (`act.rs`, `model.rs`). `world.rs` compares the results: what is
//! read, refused and entered, and which values are alive.
//!
//! Programs run in child processes, since a finding may be a crash. A program with a finding is
//! reduced as long as the finding stays the same.
#![deny(unsafe_code)]

mod act;
mod domain;
mod fail;
mod model;
mod play;
mod program;
mod world;

use clap::Parser;
use model::Rule;
use program::Program;
use std::io::Write;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use std::{env, io, thread};

/// Plays random programs on the engine, and compares each step with a model.
///
/// Exits with 0 if every result was that of the model, with 1 if not.
#[derive(Parser)]
struct Arguments {
    /// The duration in seconds
    #[arg(long, value_name = "N", default_value = "60")]
    seconds: u64,

    /// The seed of the first program; the next program has the next seed
    #[arg(long, value_name = "N", default_value = "0")]
    seed: u64,

    /// Which open reads may keep a displaced value alive
    #[arg(long, value_enum, default_value = "value")]
    rule: Rule,

    /// Go on after a finding, and report one of each kind
    #[arg(long)]
    all: bool,

    /// Plays one program
    #[arg(long, value_name = "HEX", conflicts_with = "batch")]
    program: Option<String>,

    /// Plays the program with the keys that it would have after N others
    #[arg(long, value_name = "N", default_value = "0", requires = "program")]
    after: u64,

    /// Plays N programs in this process
    #[arg(long, value_name = "N", hide = true)]
    batch: Option<u64>,
}

/// The number of programs that a child process plays.
const BATCH: u64 = 2_000;

/// The time limit for reducing a program.
const LONGEST: Duration = Duration::from_secs(30);

/// The prefix of the line that a child process prints before each program.
const SEED: &str = "seed: ";

const FINDING: &str = "finding: ";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.program.is_some() || arguments.batch.is_some() {
        fail::keep_panics_quiet();
        thread::spawn(fail::at_standstill);
    }
    if let Some(hex) = &arguments.program {
        let Some(bytes) = program::from_hex(hex) else {
            eprintln!("error: not a program");
            return ExitCode::FAILURE;
        };
        print!("{}", Program::parse(bytes.get(1..).unwrap_or_default()));
        println!("as it is played");
        play::TRACE.store(true, Ordering::Relaxed);
        play::skip(arguments.after);
        play::play(&bytes, arguments.rule);
        return ExitCode::SUCCESS;
    }
    if let Some(count) = arguments.batch {
        for seed in arguments.seed..arguments.seed + count {
            // In one unbuffered write, so that the line is complete if the process crashes.
            let _ = io::stdout().write_all(format!("{SEED}{seed}\n").as_bytes());
            play::play(&bytes(seed), arguments.rule);
        }
        return ExitCode::SUCCESS;
    }
    search(&arguments)
}

fn bytes(seed: u64) -> Vec<u8> {
    let mut bytes = vec![seed as u8];
    bytes.extend(Program::random(seed));
    bytes
}

fn search(arguments: &Arguments) -> ExitCode {
    let started = Instant::now();
    let mut kinds: Vec<String> = Vec::new();
    let (mut seed, mut played) = (arguments.seed, 0);
    while started.elapsed() < Duration::from_secs(arguments.seconds) {
        let batch = [
            "--batch".into(),
            BATCH.to_string(),
            "--seed".into(),
            seed.to_string(),
        ];
        let (finding, output) = run(&batch, arguments.rule);
        let last = output
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix(SEED)?.parse().ok());
        let Some(finding) = finding else {
            (seed, played) = (seed + BATCH, played + BATCH);
            continue;
        };
        let last: u64 = last.unwrap_or(seed);
        played += last + 1 - seed;
        let kind = kind(&finding).to_string();
        if !kinds.contains(&kind) {
            let seconds = started.elapsed().as_secs();
            println!("{FINDING}{finding}\nseed {last}, after {seconds} s and {played} programs");
            report(&kind, seed, last, arguments.rule);
            kinds.push(kind);
        }
        if !arguments.all {
            break;
        }
        seed = last + 1;
    }
    println!(
        "{played} programs in {} s, from seed {}",
        started.elapsed().as_secs(),
        arguments.seed
    );
    if kinds.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("error: found {}", kinds.join(", "));
    ExitCode::FAILURE
}

/// Returns the kind of a finding, without the details.
fn kind(finding: &str) -> &str {
    finding.split(':').next().unwrap_or_default()
}

/// Runs this executable with other arguments. Returns its finding and its output.
fn run(arguments: &[String], rule: Rule) -> (Option<String>, String) {
    let rule = format!("{rule:?}").to_lowercase();
    let own = env::current_exe().expect("the path of this program");
    let child = Command::new(own)
        .args(arguments)
        .args(["--rule", &rule])
        .stderr(Stdio::null())
        .output();
    let done = child.expect("this program runs");
    let output = String::from_utf8_lossy(&done.stdout).into_owned();
    let found = output
        .lines()
        .find_map(|line| line.strip_prefix(FINDING))
        .map(str::to_string);
    let crash = || (!done.status.success()).then(|| format!("crash: {}", done.status));
    (found.or_else(crash), output)
}

/// Reduces a program as long as it has the same kind of finding, and prints it.
fn report(kind_found: &str, first: u64, seed: u64, rule: Rule) {
    let after = (seed - first).to_string();
    let command =
        |bytes: &[u8]| ["--after", &after, "--program", &program::to_hex(bytes)].map(String::from);
    let play = |bytes: &[u8]| run(&command(bytes), rule);
    let finds = |bytes: &[u8]| {
        play(bytes)
            .0
            .is_some_and(|found| kind(&found) == kind_found)
    };
    let mut small = bytes(seed);
    if !finds(&small) {
        println!(
            "only after other programs: --batch {} --seed {first}",
            seed + 1 - first
        );
        return;
    }
    let started = Instant::now();
    let mut size = small.len() / 8;
    while size > 0 {
        let mut at = 1;
        while at + 4 * size <= small.len() && started.elapsed() < LONGEST {
            let without = [&small[..at], &small[at + 4 * size..]].concat();
            if finds(&without) {
                small = without;
            } else {
                at += 4 * size;
            }
        }
        size /= 2;
    }
    let (found, output) = play(&small);
    let program = output.lines().filter(|line| !line.starts_with(FINDING));
    program.for_each(|line| println!("    {line}"));
    println!("{}", found.unwrap_or_default());
    println!("{}", command(&small).join(" "));
}
