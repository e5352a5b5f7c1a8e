//! `boa-async-context SCRIPT | -e CODE`: runs JavaScript with `AsyncContext`.

use std::path::Path;
use std::process::ExitCode;

use boa_engine::Source;
use boa_engine::context::ContextBuilder;
use host_boa::script::Machine;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let uncaught = |error| format!("Uncaught {error}");
    let mut machine = Machine::new(ContextBuilder::new()).map_err(uncaught)?;
    let value = match args[..] {
        ["-e", code] => machine.eval(Source::from_bytes(code)),
        [file] if file != "-e" => {
            let source = Source::from_filepath(Path::new(file));
            machine.eval(source.map_err(|error| format!("error: {file}: {error}"))?)
        }
        _ => return Err("usage: boa-async-context SCRIPT | -e CODE".into()),
    };
    value.map(drop).map_err(uncaught)
}
