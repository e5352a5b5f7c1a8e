//! Programs: sections of nested steps, parsed from bytes.
//!
//! Each four bytes are one step. Any bytes are a valid program, also after steps are removed: a
//! step refers to places that always exist.

use std::fmt::{self, Display, Formatter};
use std::str::Chars;

/// The number of places of each kind that a step can refer to.
pub const THREADS: usize = 3;
pub const CONTEXTS: usize = 4;
pub const VARS: usize = 4;
pub const TOKENS: usize = 4;
pub const SNAPSHOTS: usize = 2;
/// Sections that values, watchers and comparisons call.
pub const PROCEDURES: usize = 4;

macro_rules! kinds {
    ($($kind:ident $weight:literal $text:literal,)*) => {
        /// The operation of a step.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($kind,)* }

        impl Kind {
            /// Returns each kind as many times as its weight.
            fn all() -> Vec<Kind> {
                [$((Kind::$kind, $weight),)*].iter().flat_map(|&(kind, n)| vec![kind; n]).collect()
            }

            fn text(self) -> &'static str {
                match self { $(Kind::$kind => $text,)* }
            }
        }
    };
}

// In a text, T is a thread, C and D are contexts, V is a variable, K a token, S a snapshot, P a
// procedure, and X the behaviour of a value.
kinds! {
    Section 1 "section",
    End 5 "end",
    Get 3 "get V on T",
    Read 6 "read V on T",
    Set 12 "set V on T to X, token K",
    Unset 2 "unset V on T",
    Reset 4 "reset token K on T",
    ResetOther 1 "reset V with token K on T",
    Scoped 2 "set V on T to X for a scope",
    New 3 "C = new",
    Copy 5 "C = copy of the current one on T",
    Share 1 "C = D",
    DropContext 4 "drop C",
    DropToken 3 "drop token K",
    Enter 5 "enter C on T",
    Exit 2 "exit C on T",
    Leave 4 "exit the current one on T",
    Run 5 "run in C on T",
    RunMut 3 "run_mut in C on T",
    Within 3 "run within snapshot S on T",
    Base 2 "replace the base of T by C",
    NoBase 1 "remove the base of T",
    Snapshot 2 "snapshot S = C",
    DropSnapshot 2 "drop snapshot S",
    Find 1 "find V in D",
    Clear 1 "clear C",
    Equal 1 "compare C with D, calling P",
    Watch 3 "watch, calling P",
    Unwatch 1 "clear a watcher",
    DropThread 2 "drop thread T",
    Panic 2 "panic",
}

/// One step, with the steps of its body.
#[derive(Debug)]
pub struct Step {
    pub kind: Kind,
    a: u8,
    b: u8,
    c: u8,
    pub body: Vec<Step>,
}

impl Step {
    /// Creates a step that refers to the places of this number.
    pub fn new(kind: Kind, number: u8) -> Self {
        let (a, c) = ((number << 4) | (number % THREADS as u8), number);
        Step {
            kind,
            a,
            b: number,
            c,
            body: Vec::new(),
        }
    }

    pub fn thread(&self) -> usize {
        usize::from(self.a % 16) % THREADS
    }

    pub fn context(&self) -> usize {
        usize::from(self.b) % CONTEXTS
    }

    pub fn other(&self) -> usize {
        usize::from(self.c) % CONTEXTS
    }

    pub fn var(&self) -> usize {
        usize::from(self.b) % VARS
    }

    pub fn token(&self) -> usize {
        usize::from(self.a / 16) % TOKENS
    }

    pub fn snapshot(&self) -> usize {
        usize::from(self.c) % SNAPSHOTS
    }

    pub fn behaviour(&self) -> Behaviour {
        Behaviour(self.c)
    }
}

/// The behaviour of a value when it is dropped, or of a watcher when it is called.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour(u8);

impl Behaviour {
    /// Returns the procedure that it calls.
    pub fn calls(self) -> Option<usize> {
        let number = usize::from(self.0 % 8);
        (number < PROCEDURES).then_some(number)
    }

    pub fn panics(self) -> bool {
        self.0 & 0x30 == 0x10
    }

    /// Returns `true` if it owns a copy of the context that was current at its creation.
    pub fn owns_copy(self) -> bool {
        self.0 & 0x70 == 0x20
    }
}

/// The steps of each section: the main section, then the procedures.
#[derive(Debug, Default)]
pub struct Program {
    pub sections: [Vec<Step>; 1 + PROCEDURES],
}

impl Program {
    pub fn parse(bytes: &[u8]) -> Self {
        let kinds = Kind::all();
        let mut program = Program::default();
        let mut section = 0;
        // The steps that are not closed yet.
        let mut open: Vec<Step> = Vec::new();
        let close = |open: &mut Vec<Step>, program: &mut Program, section: usize| {
            if let Some(step) = open.pop() {
                let outer = open.last_mut().map(|outer| &mut outer.body);
                outer.unwrap_or(&mut program.sections[section]).push(step);
            }
        };
        for step in bytes.chunks_exact(4) {
            let (kind, [a, b, c]) = (
                kinds[usize::from(step[0]) % kinds.len()],
                [step[1], step[2], step[3]],
            );
            let body = Vec::new();
            match kind {
                Kind::Section => {
                    while !open.is_empty() {
                        close(&mut open, &mut program, section);
                    }
                    section = (section + 1) % program.sections.len();
                }
                Kind::End => close(&mut open, &mut program, section),
                Kind::Read | Kind::Scoped | Kind::Run | Kind::RunMut | Kind::Within => {
                    open.push(Step {
                        kind,
                        a,
                        b,
                        c,
                        body,
                    });
                }
                _ => {
                    open.push(Step {
                        kind,
                        a,
                        b,
                        c,
                        body,
                    });
                    close(&mut open, &mut program, section);
                }
            }
        }
        while !open.is_empty() {
            close(&mut open, &mut program, section);
        }
        program
    }

    /// Returns the bytes of a random program.
    pub fn random(seed: u64) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(seed);
        // Few places, so that several steps of a program refer to the same one.
        let (threads, places) = (random.u8(1..=3), random.u8(1..=4));
        let step = |random: &mut fastrand::Rng| {
            let (thread, token) = (random.u8(..threads), random.u8(..places));
            [
                random.u8(1..),
                token << 4 | thread,
                random.u8(..places),
                random.u8(..),
            ]
        };
        let mut bytes = Vec::new();
        for section in 0..1 + PROCEDURES {
            let most = if section == 0 { 64 } else { 8 };
            let steps = random.usize(..most);
            bytes.extend((0..steps).flat_map(|_| step(&mut random)));
            // A step of the kind `Section`.
            bytes.extend([0; 4]);
        }
        bytes
    }
}

pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let mut digits: Chars<'_> = text.chars();
    let mut bytes = Vec::new();
    while let Some(high) = digits.next() {
        let byte = high.to_digit(16)? << 4 | digits.next()?.to_digit(16)?;
        bytes.push(byte as u8);
    }
    Some(bytes)
}

impl Display for Program {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (number, steps) in self
            .sections
            .iter()
            .enumerate()
            .filter(|(_, steps)| !steps.is_empty())
        {
            match number {
                0 => writeln!(f, "main")?,
                _ => writeln!(f, "procedure {}", number - 1)?,
            }
            write_steps(f, steps, 1)?;
        }
        Ok(())
    }
}

fn write_steps(f: &mut Formatter<'_>, steps: &[Step], depth: usize) -> fmt::Result {
    for step in steps {
        writeln!(f, "{:1$}{step}", "", depth * 4)?;
        write_steps(f, &step.body, depth + 1)?;
    }
    Ok(())
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let step = self;
        for letter in step.kind.text().chars() {
            match letter {
                'T' => write!(f, "thread {}", step.thread())?,
                'C' => write!(f, "context {}", step.context())?,
                'D' => write!(f, "context {}", step.other())?,
                'V' => write!(f, "var {}", step.var())?,
                'K' => write!(f, "{}", step.token())?,
                'S' => write!(f, "{}", step.snapshot())?,
                'P' | 'X' => {
                    let behaviour = step.behaviour();
                    write!(f, "({}", if letter == 'X' { "a value" } else { "a call" })?;
                    if let Some(procedure) = behaviour.calls() {
                        write!(f, ", procedure {procedure}")?;
                    }
                    if behaviour.panics() {
                        write!(f, ", panics")?;
                    }
                    if letter == 'X' && behaviour.owns_copy() {
                        write!(f, ", owns a copy")?;
                    }
                    write!(f, ")")?;
                }
                _ => write!(f, "{letter}")?,
            }
        }
        Ok(())
    }
}
