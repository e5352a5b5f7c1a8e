//! Runs scripts on Boa with `AsyncContext`, through the library that the binary uses.

mod embedder;
mod leaks;
mod rows;

use boa_engine::Source;
use boa_engine::context::ContextBuilder;
use host_boa::script::Machine;

/// Helpers for the scripts: a log, and a function that returns the name of a thrown error.
const PRELUDE: &str = "
    const log = [];
    const thrown = f => { try { f(); return 'nothing' } catch (e) { return e.name } };
    const { Variable, Snapshot } = AsyncContext;
";

/// Returns a machine with the prelude.
fn machine() -> Machine {
    with_prelude(Machine::new(ContextBuilder::new()).expect("Boa starts"))
}

fn with_prelude(mut machine: Machine) -> Machine {
    text(&mut machine, PRELUDE);
    machine
}

/// Runs a script and its jobs. Returns its value as text.
#[track_caller]
fn text(machine: &mut Machine, code: &str) -> String {
    let value = machine
        .eval(Source::from_bytes(code))
        .unwrap_or_else(|error| panic!("{error}"));
    let text = value.to_string(machine.context());
    text.expect("a text").to_std_string_escaped()
}

/// Runs a script and its jobs on a new machine. Returns its log.
#[track_caller]
fn log(code: &str) -> String {
    let mut machine = machine();
    logged(&mut machine, code)
}

#[track_caller]
fn logged(machine: &mut Machine, code: &str) -> String {
    text(machine, code);
    text(machine, "log.map(String).join(' ')")
}
