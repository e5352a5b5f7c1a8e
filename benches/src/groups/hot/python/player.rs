//! Who takes part: a module, with loops of its own over what it makes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::cpython::{Gives, Interpreter, Object, Raised};
use crate::report::Entrant;

/// The loops.
const PROGRAM: &str = concat!(include_str!("loops.py"), "\0");

/// Where a module comes from.
pub enum Source {
    /// It is the interpreter's own.
    BuiltIn,
    /// An extension.
    File(PathBuf),
    /// A stub.
    Stub(Gives),
}

/// A module with a context of so many variables, ready for every loop.
pub struct Player<'py> {
    /// Whose module it is.
    pub entrant: Entrant,
    interpreter: &'py Interpreter,
    rounds: Object<'py>,
    loops: Object<'py>,
}

impl<'py> Player<'py> {
    /// Loads the module and binds the variables. `idle` is what is run in a context.
    ///
    /// # Errors
    ///
    /// When an extension does not load.
    pub fn new(
        entrant: Entrant,
        interpreter: &'py Interpreter,
        source: &Source,
        size: u64,
        idle: &Object<'py>,
    ) -> Result<Self, Raised> {
        let program = std::ffi::CStr::from_bytes_with_nul(PROGRAM.as_bytes());
        let program = program.expect("no 0 in the program");
        let names = interpreter.names(c"loops.py", program)?;
        let name = |name| names.item(&interpreter.text(name)?);
        let module = match source {
            Source::BuiltIn => interpreter.module(c"_contextvars")?,
            Source::File(path) => {
                let path = interpreter.text(&path.to_string_lossy())?;
                name("load")?.call_with(&[&path])?
            }
            Source::Stub(gives) => interpreter.stub(*gives)?,
        };
        let size = interpreter.int(size as u32)?;
        Ok(Player {
            entrant,
            interpreter,
            rounds: name("rounds")?,
            loops: name("prepare")?.call_with(&[&module, &size, idle])?,
        })
    }

    /// Whether the module has what the loop needs.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn has(&self, function: &str) -> Result<bool, Raised> {
        self.loops.contains(&self.interpreter.text(function)?)
    }

    /// Does a loop so many times.
    ///
    /// # Errors
    ///
    /// What it raises.
    pub fn run(&self, function: &str, iterations: u64) -> Result<Duration, Raised> {
        let function = self.loops.item(&self.interpreter.text(function)?)?;
        let iterations = u32::try_from(iterations).unwrap_or(u32::MAX);
        let rounds = self
            .rounds
            .call_with(&[&self.interpreter.int(iterations)?])?;
        let started = Instant::now();
        function.call_with(&[&rounds])?;
        Ok(started.elapsed())
    }
}
