//! `boa-async-context [SCRIPT | -e CODE]`: runs JavaScript with `AsyncContext`.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use boa_engine::{JsResult, JsValue};
use host_boa::script::Machine;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let run = |eval: &dyn Fn(&mut Machine) -> JsResult<JsValue>| eval(&mut Machine::new()?);
    let result = match args[..] {
        ["-e", code] => run(&|machine| machine.eval(code)),
        [file] if !file.starts_with('-') => run(&|machine| machine.eval_file(Path::new(file))),
        _ => {
            eprintln!("usage: boa-async-context SCRIPT | -e CODE");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Uncaught {error}");
            ExitCode::FAILURE
        }
    }
}
